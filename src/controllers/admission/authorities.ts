import { X509Certificate } from 'node:crypto'
import type { WebhookConfiguration } from './webhook-configuration.ts'

/** More replicas than that, times two while they rotate, nobody runs; the rest are of replicas that are gone. */
const most = 32

/**
 * Pure: the bundle with our authority in it. Every replica signs its own certificate and adds it here, so no private key
 * is ever shared and none is kept in a Secret. What has expired goes, and of too many the ones that expire first.
 */
function withAuthority(bundle: readonly string[], own: string, now: Date): string[] {
  const others = bundle.filter((pem) => pem !== own && isValid(pem, now))
  const newest = others.toSorted((a, b) => expiryMs(b) - expiryMs(a)).slice(0, most - 1)
  // In the order in which they stood: the same authorities give the same bundle.
  return [...others.filter((pem) => newest.includes(pem)), own]
}

/** The configuration with our authority in every webhook; undefined when it is there already. */
export function trusting(
  configuration: WebhookConfiguration,
  own: string,
  now: Date,
): WebhookConfiguration | undefined {
  const webhooks = configuration.webhooks.map((webhook) => {
    const bundle = readBundle(webhook.clientConfig.caBundle)
    if (bundle.includes(own)) return webhook
    const caBundle = Buffer.from(withAuthority(bundle, own, now).join('')).toString('base64')
    return { ...webhook, clientConfig: { ...webhook.clientConfig, caBundle } }
  })
  const changed = webhooks.some((webhook, index) => webhook !== configuration.webhooks[index])
  return changed ? { ...configuration, webhooks } : undefined
}

/** The certificates of a `caBundle`; what is none is left out. */
export function readBundle(caBundle = ''): string[] {
  const text = Buffer.from(caBundle, 'base64').toString('utf8')
  return text.match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----\n?/g)?.map(withLineBreak) ?? []
}

function withLineBreak(pem: string): string {
  return pem.endsWith('\n') ? pem : `${pem}\n`
}

function isValid(pem: string, now: Date): boolean {
  return expiryMs(pem) > now.getTime()
}

/** The past for what is no certificate. */
function expiryMs(pem: string): number {
  try {
    return new X509Certificate(pem).validToDate.getTime()
  } catch {
    return Number.NEGATIVE_INFINITY
  }
}
