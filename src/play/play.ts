import { join } from 'node:path'
import { createGalaxyClient, type DeviceKeyStore, type StoredDevice } from '../client/index.ts'
import { createFileKeyStore, createNodeTransport } from '../client/node.ts'
import { StartupError } from '../platform/errors.ts'
import type { Environment } from '../platform/settings.ts'
import { createDrafts } from './drafts.ts'
import { explainError } from './explain-error.ts'
import { playGames } from './game-loop.ts'
import { lastAddress, profileName, profilesFolder, rememberAddress, rememberedAddress } from './profile.ts'
import { signIn } from './sign-in.ts'
import { createTerminal, type Streams, type Terminal } from './terminal.ts'
import { printable } from './text.ts'
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
  const terminal = createTerminal(streams)
  const connect = (device: StoredDevice) =>
    createGalaxyClient({ publicUrl: where.publicUrl, transport, key: device.key, session: device.deviceSessionId })
  try {
    const profile = await chooseProfile(options, environment, where, terminal)
    if (!profile) return 1
    const store = keyStoreIn(profile.folder)
    const client = await signIn({ terminal, store, connect, email: profile.email, mailbox: where.mailbox, signedIn })
    if (!client) return 1
    if (terminal.interactive) terminal.print("'help' shows what can be typed.")
    const session = client.session()
    const drafts = createDrafts(join(profile.folder, 'drafts'))
    const { failed, signedOut } = await playGames(client, { terminal, game: options.game, drafts })
    if (signedOut) await forgetSession(store, session)
    return failed && !terminal.interactive ? 1 : 0

    /** By the address as it was typed: it names the profile's folder. */
    async function signedIn(email: string): Promise<void> {
      const folders = [profile?.folder, profile?.among].filter((folder) => folder !== undefined)
      await Promise.all(folders.map((folder) => rememberAddress(folder, profile?.email ?? email)))
    }
  } catch (error) {
    const told = explainError(error)
    throw told === undefined ? error : new StartupError(printable(told), { cause: error })
  } finally {
    terminal.close()
  }
}

/** `among`: the folder of all profiles on this platform; undefined when the player has named a folder. */
type Profile = { email: string | undefined; folder: string; among: string | undefined }

/**
 * Each address has a folder of its own, so the address comes first, unless a folder is given. Who signed in last is
 * asked for nothing. Undefined when the player gave up.
 */
async function chooseProfile(
  { profile, email }: PlayOptions,
  environment: Environment,
  where: Where,
  terminal: Terminal,
): Promise<Profile | undefined> {
  if (profile !== undefined) {
    return { email: email ?? (await rememberedAddress(profile)), folder: profile, among: undefined }
  }
  const among = profilesFolder(environment, where)
  const address = email ?? (await lastAddress(among)) ?? (await terminal.ask('Your e-mail address:'))?.trim()
  return address ? { email: address, folder: join(among, profileName(address)), among } : undefined
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

/** The next visit begins with signing in, with a new key. Another terminal may have signed in again meanwhile. */
async function forgetSession(store: DeviceKeyStore, session: string | undefined): Promise<void> {
  const device = await store.load()
  if (device && device.deviceSessionId === session) await store.save({ key: device.key })
}
