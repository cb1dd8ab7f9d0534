import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'

type Kubectl = (args: readonly string[]) => Promise<string>

/** What a folder of manifests/ builds, with the component that servers before 1.21 need where this one is such. */
export async function buildManifests(folder: string, kubectl: Kubectl): Promise<string> {
  const served = (await kubectl(['api-versions'])).split('\n')
  if (served.includes('policy/v1')) return kubectl(['kustomize', folder])
  const overlay = await mkdtemp(join(tmpdir(), 'galaxy-manifests-'))
  try {
    const [resources, components] = [[folder], ['manifests/components/before-1.21']].map((paths) =>
      paths.map((path) => relative(overlay, resolve(path))),
    )
    await writeFile(join(overlay, 'kustomization.yaml'), JSON.stringify({ resources, components }))
    return await kubectl(['kustomize', overlay])
  } finally {
    await rm(overlay, { recursive: true })
  }
}
