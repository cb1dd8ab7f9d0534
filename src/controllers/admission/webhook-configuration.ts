import { z } from 'zod'
import { ObjectMeta, type ResourceKind } from '../../platform/kubernetes/objects.ts'

/** Read for its authorities only; everything else goes back as it came. */
export const WebhookConfiguration = z.looseObject({
  apiVersion: z.literal('admissionregistration.k8s.io/v1').default('admissionregistration.k8s.io/v1'),
  kind: z.literal('ValidatingWebhookConfiguration').default('ValidatingWebhookConfiguration'),
  metadata: ObjectMeta,
  webhooks: z
    .array(z.looseObject({ name: z.string(), clientConfig: z.looseObject({ caBundle: z.string().optional() }) }))
    .default([]),
})
export type WebhookConfiguration = z.infer<typeof WebhookConfiguration>

export const webhookConfigurationKind: ResourceKind<WebhookConfiguration> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  namespaced: false,
  schema: WebhookConfiguration,
}
