const seconds = 1000
const minutes = 60 * seconds
const hours = 60 * minutes

/** https://github.com/kubernetes/apimachinery/blob/master/pkg/util/duration/duration.go, HumanDuration */
export function humanDuration(ms: number): string {
  const [s, m, h] = [seconds, minutes, hours].map((unit) => Math.trunc(ms / unit))
  if (s === undefined || m === undefined || h === undefined || s < -1) return '<invalid>'
  if (s < 0) return '0s'
  if (s < 120) return `${s}s`
  if (m < 10) return pair([m, 'm'], [s % 60, 's'])
  if (m < 180) return `${m}m`
  if (h < 8) return pair([h, 'h'], [m % 60, 'm'])
  if (h < 48) return `${h}h`
  return inDays(h)
}

function inDays(h: number): string {
  const d = Math.trunc(h / 24)
  if (d < 8) return pair([d, 'd'], [h % 24, 'h'])
  if (d < 365 * 2) return `${d}d`
  const y = Math.trunc(d / 365)
  return d < 365 * 8 ? pair([y, 'y'], [d % 365, 'd']) : `${y}y`
}

type Part = readonly [number, string]

function pair([value, unit]: Part, [rest, restUnit]: Part): string {
  return rest === 0 ? `${value}${unit}` : `${value}${unit}${rest}${restUnit}`
}
