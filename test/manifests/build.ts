import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'

const Rule = z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) })
const Item = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
  rules: z.array(Rule).optional(),
})
export type Item = z.infer<typeof Item>

/** What `kubectl apply -k` of that folder would apply. */
export async function build(folder: string): Promise<Item[]> {
  const { stdout } = await promisify(execFile)('kubectl', ['kustomize', folder], { maxBuffer: 1 << 24 })
  return parseAllDocuments(stdout).map((document) => Item.parse(document.toJS()))
}
