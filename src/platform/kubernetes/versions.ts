/**
 * Whether one resourceVersion is newer than another. They are whole numbers that grow over all objects of a kind
 * (promised since Kubernetes 1.35: https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/5504-comparable-resource-version).
 * What is no number is never newer.
 */
export function isNewer(a: string, b: string): boolean {
  if (!/^[0-9]+$/.test(a)) return false
  if (!/^[0-9]+$/.test(b)) return true
  // Without leading zeros, the longer one is the greater one; beyond 2^53 a number would round.
  return a.length === b.length ? a > b : a.length > b.length
}
