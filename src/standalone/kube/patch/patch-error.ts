/** A patch that makes no sense, or whose `test` failed. */
export class PatchError extends Error {
  override name = 'PatchError'
}
