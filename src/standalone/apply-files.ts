import { messageOf, StartupError } from '../platform/errors.ts'
import { applyManifest } from '../platform/kubernetes/apply-manifest.ts'
import { loadKubeConfig } from '../platform/kubernetes/client.ts'
import { discoverResources } from '../platform/kubernetes/discovery.ts'
import { type Manifest, readManifests } from '../platform/kubernetes/manifests.ts'

const deadlineMs = 10_000

/**
 * Applies the objects that the files describe.
 * @throws StartupError naming the file and what is wrong
 */
export async function applyFiles(
  kubeconfig: string,
  files: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const config = loadKubeConfig({ path: kubeconfig })
  const resources = await discoverResources(config, deadlineMs)
  const options = { resources, fieldManager: 'galaxy-cli', namespace: 'default', deadlineMs }
  for (const file of files) {
    for (const manifest of await manifestsOf(file)) {
      const title = await applyManifest(config, manifest, options).catch((error: unknown) => {
        throw new StartupError(`--apply ${file}: ${messageOf(error)}`, { cause: error })
      })
      say(`${title} applied`)
    }
  }
}

function manifestsOf(file: string): Promise<Manifest[]> {
  return readManifests(file).catch((error: unknown) => {
    throw new StartupError(`--apply ${messageOf(error)}`, { cause: error })
  })
}
