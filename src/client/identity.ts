import type { DeviceKey } from './device-key.ts'
import { SignedOut } from './errors.ts'

/** This device: its key, and its session once it is signed in. */
export type DeviceIdentity = ReturnType<typeof createDeviceIdentity>

export function createDeviceIdentity({ key, session }: { key: DeviceKey; session: string | undefined }) {
  let deviceSessionId = session
  return {
    key,
    /** @throws SignedOut `not_signed_in` */
    signedIn: () => {
      if (deviceSessionId === undefined) throw new SignedOut('not_signed_in')
      return { key, deviceSessionId }
    },
    signIn: (session: string) => {
      deviceSessionId = session
    },
    signOut: () => {
      deviceSessionId = undefined
    },
    session: () => deviceSessionId,
    /** Takes note of a refusal that says that the session is over, and gives it back. */
    heard: (refusal: unknown) => {
      if (refusal instanceof SignedOut) deviceSessionId = undefined
      return refusal
    },
  }
}
