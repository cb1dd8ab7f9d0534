/** The registry that an image's name means when it names none. */
export const defaultRegistry = 'docker.io'

/** The host that an image's name begins with, or the one that it means without. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/')
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  return isHost ? first : defaultRegistry
}

type Where = 'docker' | 'pods'

/** What an operator is told when an image cannot be had: which, from where, why in the runtime's words, and what to do. */
export function imageProblem(image: string, said: string, where: Where): string {
  const registry = registryOf(image)
  const meant = image.startsWith(`${registry}/`) ? registry : `${registry} (its name has no registry)`
  return `image ${image} cannot be pulled from ${meant}: ${said.trim() || 'no reason was given'}; ${remedy(image, said, where)}`
}

/** In this order: a registry that hides what is private says both that it is denied and that it may not exist. */
function remedy(image: string, said: string, where: Where): string {
  const load = { docker: `'docker build --tag ${image}' or 'docker load' there`, pods: 'load it onto the nodes' }[where]
  const access = {
    docker: 'give its password in the file of CONTROLLER_DOCKER_CONFIG',
    pods: 'name its Secret in spec.engine.podTemplate.imagePullSecrets',
  }[where]
  const fetcher = { docker: "the Docker daemon's machine", pods: 'the nodes' }[where]
  if (/NeverPull|pull policy of Never/i.test(said))
    return `it is pulled nowhere: ${load}, or set CONTROLLER_IMAGE_PULL_POLICY`
  if (/InvalidImageName|invalid reference|couldn't parse image/i.test(said)) return 'write it as registry/name:tag'
  if (/denied|unauthorized|authentication|no basic auth|forbidden/i.test(said))
    return `check its name; if it is private, ${access}; if no registry has it: ${load}`
  if (
    /no such host|dial |lookup |timeout|timed out|deadline|refused|unreachable|handshake|certificate|EOF|not got on/i.test(
      said,
    )
  )
    return `check the registry's name and the way to it from ${fetcher}, or put the image there without it: ${load}`
  if (/not found|unknown|does not exist|no match/i.test(said)) return `check its name and its tag, or ${load}`
  return `check its name, its registry and the way to it; if it is private, ${access}`
}
