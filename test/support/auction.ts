import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const program = new URL('./auction-engine.ts', import.meta.url)

/** Writes the auction engine as an executable into the folder; `plain`: without the optional calls. @returns its image */
export async function auctionImage(dir: string, { plain }: { plain: boolean }): Promise<string> {
  const path = join(dir, `auction-${plain ? 'plain' : 'described'}.cjs`)
  const setting = plain ? "process.env.AUCTION_PLAIN = '1'\n" : ''
  await writeFile(path, `#!${process.execPath}\n${setting}import(${JSON.stringify(program.href)})\n`)
  await chmod(path, 0o755)
  return pathToFileURL(path).href
}
