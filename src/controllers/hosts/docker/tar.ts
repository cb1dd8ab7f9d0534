const block = 512

export type TarEntry =
  | { folder: string; mode: number; uid: number; gid: number }
  | { file: string; content: string; mode: number }

/** An archive with one entry, as the daemon takes it to put something into a container. */
export function tar(entry: TarEntry): Buffer {
  const content = Buffer.from('file' in entry ? entry.content : '')
  const padding = Buffer.alloc((block - (content.length % block)) % block)
  return Buffer.concat([header(entry, content.length), content, padding, Buffer.alloc(2 * block)])
}

/** The content of the first entry of an archive, as the daemon hands out a file. */
export function firstContent(archive: Buffer): string {
  const size = Number.parseInt(archive.toString('latin1', 124, 136), 8) || 0
  return archive.toString('utf8', block, block + size)
}

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 */
function header(entry: TarEntry, size: number): Buffer {
  const bytes = Buffer.alloc(block)
  const isFolder = 'folder' in entry
  const owner = isFolder ? entry : { uid: 0, gid: 0 }
  const octal = (value: number, at: number, length: number) =>
    bytes.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1')
  bytes.write(isFolder ? `${entry.folder}/` : entry.file, 0, 100, 'utf8')
  octal(entry.mode, 100, 8)
  octal(owner.uid, 108, 8)
  octal(owner.gid, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  bytes.write(isFolder ? '5' : '0', 156, 'latin1')
  bytes.write('ustar\x0000', 257, 'latin1')
  // The checksum counts itself as spaces.
  bytes.fill(' ', 148, 156)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return bytes
}
