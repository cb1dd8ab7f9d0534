import type { DeviceKeyStore, StoredDevice } from './device-key.ts'

/** The part of IndexedDB that is used: the types of browsers are not among those of Node.js. */
type Listenable = { addEventListener: (type: string, listener: () => void) => void }
type IdbRequest<T> = Listenable & { result: T; error: Error | null }
type IdbObjectStore = {
  get: (key: string) => IdbRequest<StoredDevice | undefined>
  put: (value: StoredDevice, key: string) => IdbRequest<unknown>
}
type IdbTransaction = Listenable & {
  objectStore: (name: string) => IdbObjectStore
  error: Error | null
}
type IdbDatabase = {
  createObjectStore: (name: string) => unknown
  transaction: (store: string, mode: 'readonly' | 'readwrite') => IdbTransaction
  close: () => void
}
declare const indexedDB: {
  open: (name: string, version: number) => IdbRequest<IdbDatabase>
}

const storeName = 'devices'
const recordName = 'this'

/** Keeps the key as the browser holds it: one that is not extractable is never seen by the page's own code. */
export function createIndexedDbKeyStore({ name = 'galaxy' } = {}): DeviceKeyStore {
  return {
    load: () =>
      withDatabase(name, (database) =>
        settled(database.transaction(storeName, 'readonly').objectStore(storeName).get(recordName)),
      ),
    save: (device) =>
      withDatabase(name, (database) => {
        const transaction = database.transaction(storeName, 'readwrite')
        transaction.objectStore(storeName).put(device, recordName)
        return completed(transaction)
      }),
  }
}

async function withDatabase<T>(name: string, work: (database: IdbDatabase) => Promise<T>): Promise<T> {
  const request = indexedDB.open(name, 1)
  request.addEventListener('upgradeneeded', () => void request.result.createObjectStore(storeName))
  const database = await settled(request)
  try {
    return await work(database)
  } finally {
    database.close()
  }
}

function settled<T>(request: IdbRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('the browser refused')))
  })
}

function completed(transaction: IdbTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve())
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('the key was not kept')))
  })
}
