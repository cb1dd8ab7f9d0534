const address = /[^\s<>()"',;:]+@[^\s<>()"',;:]+/g
const longest = 500

/**
 * A server's answer, fit for a log or a table: servers quote what they refuse. Takes out the given secrets and whatever
 * looks like an address.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const open = secrets.filter(Boolean).reduce((said, secret) => said.replaceAll(secret, '[secret]'), text)
  return open.replace(address, '[address]').slice(0, longest)
}
