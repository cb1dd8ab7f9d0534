import { join } from 'node:path'
import { createGalaxyClient, type DeviceKeyStore, type StoredDevice } from '../client/index.ts'
import { createFileKeyStore, createNodeTransport } from '../client/node.ts'
import { StartupError } from '../platform/errors.ts'
import type { Environment } from '../platform/settings.ts'
import { completions } from './commands.ts'
import { explainError } from './explain-error.ts'
import { playGames } from './game-loop.ts'
import { onlyAddress, profileName, profilesFolder } from './profile.ts'
import { signIn } from './sign-in.ts'
import { createTerminal, type Streams, type Terminal } from './terminal.ts'
import { findPlatform, type Where, type WhereOptions } from './where.ts'

export type PlayOptions = {
  where: WhereOptions
  email?: string | undefined
  /** The folder that keeps the key and the session. */
  profile?: string | undefined
  /** The game to open. */
  game?: string | undefined
}

/**
 * Plays in a terminal, or by the lines of a pipe.
 * @returns the exit code: 1 when something failed that was asked for in a pipe, or the player could not sign in
 * @throws StartupError when there is no platform, or it cannot be reached
 */
export async function play(options: PlayOptions, environment: Environment, streams: Streams): Promise<number> {
  const where = await findPlatform(options.where)
  using transport = createNodeTransport({ url: where.authUrl })
  const terminal = createTerminal(streams, completions)
  const connect = (device: StoredDevice) =>
    createGalaxyClient({ publicUrl: where.publicUrl, transport, key: device.key, session: device.deviceSessionId })
  try {
    const { email, store } = await chooseProfile(options, environment, where, terminal)
    if (!store) return 1
    const client = await signIn({ terminal, store, connect, email, mailbox: where.mailbox })
    if (!client) return 1
    if (terminal.interactive) terminal.print("'help' shows what can be typed.")
    const { failed, signedOut } = await playGames(client, { terminal, game: options.game })
    if (signedOut) await forgetSession(store)
    return failed && !terminal.interactive ? 1 : 0
  } catch (error) {
    const told = explainError(error)
    throw told === undefined ? error : new StartupError(told, { cause: error })
  } finally {
    terminal.close()
  }
}

type Profile = { email: string | undefined; store: DeviceKeyStore | undefined }

/** Each address has a folder of its own, so the address comes first, unless a folder is given. */
async function chooseProfile(
  { profile, email }: PlayOptions,
  environment: Environment,
  where: Where,
  terminal: Terminal,
): Promise<Profile> {
  if (profile !== undefined) return { email, store: keyStoreIn(profile) }
  const folder = profilesFolder(environment, where)
  const address = email ?? (await onlyAddress(folder)) ?? (await terminal.ask('Your e-mail address:'))?.trim()
  if (!address) return { email: undefined, store: undefined }
  return { email: address, store: keyStoreIn(join(folder, profileName(address))) }
}

function keyStoreIn(folder: string): DeviceKeyStore {
  const path = join(folder, 'device.json')
  const { load, save } = createFileKeyStore(path)
  return {
    save,
    load: () =>
      load().catch((cause: unknown) => {
        throw new StartupError(`${path} cannot be read: without it, you can sign in anew`, { cause })
      }),
  }
}

/** The next visit begins with signing in, with a new key. */
async function forgetSession(store: DeviceKeyStore): Promise<void> {
  const device = await store.load()
  if (device) await store.save({ key: device.key })
}
