/** Something that was typed cannot be done; the message says why. */
export class Mistake extends Error {
  override name = 'Mistake'
}
