import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'

export const rulesFile = 'manifests/monitoring/rules.yaml'

const Alert = z.object({ alert: z.string(), expr: z.string(), annotations: z.record(z.string(), z.string()) })

/** The alerts, in the order of the file. */
export async function alertsOf(): Promise<z.infer<typeof Alert>[]> {
  const Rules = z.object({ groups: z.array(z.object({ rules: z.array(Alert) })) })
  return Rules.parse(parse(await readFile(rulesFile, 'utf8'))).groups.flatMap(({ rules }) => rules)
}
