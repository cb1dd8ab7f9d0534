import { HostError } from './port.ts'

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/**
 * The number that a Kubernetes quantity (`50m`, `64Mi`, `1e3`) stands for.
 * @throws HostError StartFailed when it is none
 */
export function quantityValue(quantity: string): number {
  const [, digits, suffix = ''] = /^\+?([0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)$/.exec(quantity) ?? []
  const factor = suffixes[suffix]
  const value = Number(digits) * (factor ?? Number.NaN)
  if (!Number.isFinite(value)) throw new HostError('StartFailed', `"${quantity}" is not a quantity`)
  return value
}
