import { failedWith } from '../../platform/kubernetes/errors.ts'
import type { ResourceClient } from '../../platform/kubernetes/client.ts'
import { trusting } from './authorities.ts'
import type { WebhookConfiguration } from './webhook-configuration.ts'

export type Publishing = {
  configurations: Pick<ResourceClient<WebhookConfiguration>, 'get' | 'replace'>
  /** Of the ValidatingWebhookConfiguration that leads to us. */
  name: string
  now: () => Date
}

const fieldManager = 'galaxy-admission'
const attempts = 5

/**
 * Makes the API server trust the authority. Safe to repeat; several replicas may do it at once.
 * @returns false while there is no such configuration
 * @throws KubernetesError
 */
export async function publishAuthority({ configurations, name, now }: Publishing, authority: string): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await configurations.get({ namespace: '', name })
    if (!found) return false
    const wanted = trusting(found, authority, now())
    if (!wanted) return true
    try {
      await configurations.replace(wanted, { fieldManager })
      return true
    } catch (error) {
      if (attempt === attempts || !failedWith(error, 'Conflict')) throw error
    }
  }
}
