import { readdir, readFile } from 'node:fs/promises'

/** Ids of the processes whose environment or command line mentions the text (Linux). */
export async function processesMentioning(text: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name))
  const found = await Promise.all(pids.map(async (pid) => ((await mentions(pid, text)) ? Number(pid) : undefined)))
  return found.filter((pid): pid is number => pid !== undefined && pid !== process.pid)
}

async function mentions(pid: string, text: string): Promise<boolean> {
  const parts = ['environ', 'cmdline'].map((part) => readFile(`/proc/${pid}/${part}`, 'utf8').catch(() => ''))
  return (await Promise.all(parts)).some((content) => content.includes(text))
}
