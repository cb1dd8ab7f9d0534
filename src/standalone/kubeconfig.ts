export type KubeconfigOptions = {
  server: string
  token: string
  /** PEM of what signed the server's certificate, for an https server. */
  authority?: string | undefined
}

/** The text of a kubeconfig with one context, `galaxy`. */
export function kubeconfigText({ server, token, authority }: KubeconfigOptions): string {
  const trust = authority && `\n      certificate-authority-data: ${Buffer.from(authority).toString('base64')}`
  return `apiVersion: v1
kind: Config
clusters:
  - name: galaxy
    cluster:
      server: ${server}${trust ?? ''}
users:
  - name: galaxy
    user:
      token: ${token}
contexts:
  - name: galaxy
    context:
      cluster: galaxy
      user: galaxy
      namespace: default
current-context: galaxy
`
}
