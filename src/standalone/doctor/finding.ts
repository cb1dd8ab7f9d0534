import { messageOf } from '../../platform/errors.ts'

/** What one look has found: all is well, something to know, or something that keeps a process from working. */
export type Finding = { state: 'ok' | 'warn' | 'fail'; what: string; said: string }

export type Check = () => Promise<readonly Finding[]>

/** A check of one thing: what it returns is good, what it throws is wrong. */
export function checkThat(what: string, look: () => Promise<string> | string): Check {
  return async () => {
    try {
      return [{ state: 'ok', what, said: await look() }]
    } catch (error) {
      return messageOf(error)
        .split('\n')
        .map((said) => ({ state: 'fail' as const, what, said }))
    }
  }
}

/** As `checkThat`, for what is good to have but not needed. */
export function adviseThat(what: string, look: () => Promise<string> | string): Check {
  const check = checkThat(what, look)
  return async () =>
    (await check()).map((finding) => (finding.state === 'fail' ? { ...finding, state: 'warn' as const } : finding))
}
