type Key = InstanceType<typeof CryptoKey>
type KeyPair = { privateKey: Key; publicKey: Key }

/** The key that makes this device known. Whoever holds it, and a device session, acts for the player. */
export type DeviceKey = {
  keyPair: KeyPair
  /** The raw Ed25519 key, 32 bytes. */
  publicKey: Uint8Array<ArrayBuffer>
}

/** What a device keeps between two runs. */
export type StoredDevice = { key: DeviceKey; deviceSessionId?: string | undefined }

/** Where a device keeps its key and its session. `load` gives undefined when nothing has been kept. */
export type DeviceKeyStore = {
  load: () => Promise<StoredDevice | undefined>
  save: (device: StoredDevice) => Promise<void>
}

/** A new Ed25519 key. One that is not `extractable` cannot be read out, not even by this program. */
export async function createDeviceKey({ extractable = false } = {}): Promise<DeviceKey> {
  const made = await crypto.subtle.generateKey('Ed25519', extractable, ['sign', 'verify'])
  if (!('privateKey' in made)) throw new TypeError('Ed25519 keys come in pairs')
  return deviceKeyOf(made)
}

export async function deviceKeyOf(keyPair: KeyPair): Promise<DeviceKey> {
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', keyPair.publicKey))
  return { keyPair, publicKey }
}

export async function signWith({ keyPair }: DeviceKey, input: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, keyPair.privateKey, input))
}
