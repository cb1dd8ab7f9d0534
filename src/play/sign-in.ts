import { hostname } from 'node:os'
import {
  CommandRefused,
  createDeviceKey,
  type DeviceKeyStore,
  type GalaxyClient,
  SignedOut,
  type StoredDevice,
} from '../client/index.ts'
import { StartupError } from '../platform/errors.ts'
import type { Terminal } from './terminal.ts'
import { oneLine } from './text.ts'

export type SignInNeeds = {
  terminal: Terminal
  store: DeviceKeyStore
  /** A client that acts as this device. */
  connect: (device: StoredDevice) => GalaxyClient
  /** Whom the player wants to be. */
  email: string | undefined
  mailbox: string | undefined
  /** Told whose account it is, once that is known. */
  signedIn?: (email: string) => Promise<void>
  /** Of a clock that only runs forward. */
  nowMs?: () => number
}

/** The platform mails no more than one code to an address within this time, and does not say so. */
const betweenCodesMs = 60_000

/** A client of a signed-in player; undefined when the player gave up. */
export async function signIn(needs: SignInNeeds): Promise<GalaxyClient | undefined> {
  return (await signedInBefore(needs)) ?? signInByMail(needs)
}

async function signedInBefore(needs: SignInNeeds): Promise<GalaxyClient | undefined> {
  const { terminal, store, connect, signedIn } = needs
  const device = await store.load()
  if (device?.deviceSessionId === undefined) return undefined
  const client = connect(device)
  try {
    const { display_name, email } = await client.account()
    requireSame(needs.email, email)
    terminal.print(`Signed in as ${oneLine(display_name)} (${oneLine(email)}). --email plays as somebody else.`)
    await signedIn?.(email)
    return client
  } catch (error) {
    if (!(error instanceof SignedOut)) throw error
    terminal.print('This device has been signed out.')
    return undefined
  }
}

/** Nobody must play as somebody else without knowing it. */
function requireSame(wanted: string | undefined, email: string): void {
  if (wanted === undefined || wanted.trim().toLowerCase() === email.toLowerCase()) return
  throw new StartupError(
    `this profile is signed in as ${oneLine(email)}, not as ${oneLine(wanted)}: name another --profile, or log out of this one first`,
  )
}

async function signInByMail(needs: SignInNeeds): Promise<GalaxyClient | undefined> {
  const { terminal, store, connect, signedIn } = needs
  const email = needs.email ?? (await terminal.ask('Your e-mail address:'))?.trim()
  if (!email) return undefined
  const key = await createDeviceKey({ extractable: true })
  const client = connect({ key })
  const deviceSessionId = await confirmed(client, email, needs)
  if (deviceSessionId === undefined) return undefined
  await store.save({ key, deviceSessionId })
  const { display_name } = await client.account()
  terminal.print(`Signed in as ${oneLine(display_name)} (${oneLine(email)}).`)
  await signedIn?.(email)
  return client
}

/** Asks for the code until it is right, or the player has had enough. */
async function confirmed(client: GalaxyClient, email: string, needs: SignInNeeds): Promise<string | undefined> {
  const { terminal, mailbox, nowMs = () => performance.now() } = needs
  let sentAtMs = nowMs()
  let challengeId = await sendCode()
  for (;;) {
    const code = (await terminal.ask('The code (empty: send another):'))?.trim()
    if (code === undefined) return undefined
    if (code === '') {
      // Within the minute nothing would be mailed, and the code that was mailed would be for a challenge given up.
      const waitMs = sentAtMs + betweenCodesMs - nowMs()
      if (waitMs > 0) terminal.print(`Another code can be mailed in ${Math.ceil(waitMs / 1000)} s.`)
      else challengeId = await sendCode()
      continue
    }
    try {
      const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
      const deviceLabel = `galaxy play on ${hostname()}`.slice(0, 60)
      return (await client.auth.confirmEmailCode({ challengeId, code, deviceLabel, timeZone })).deviceSessionId
    } catch (error) {
      const wrong = error instanceof CommandRefused && error.code === 'invalid_or_expired_code'
      // In a pipe the next lines are commands: none of them is a better code.
      if (!wrong || !terminal.interactive) throw error
      terminal.print('That code is wrong or too old.')
    }
  }

  async function sendCode(): Promise<string> {
    sentAtMs = nowMs()
    const sent = await client.auth.sendEmailCode(email)
    terminal.print(`A code is on its way to ${email}.${mailbox ? ` Read it at ${mailbox}` : ''}`)
    terminal.print('If none comes, try again after a minute: no more than one code a minute is mailed.')
    return sent.challengeId
  }
}
