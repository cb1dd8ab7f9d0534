import { everyTurn, type InstalledController } from './installed-controller.ts'

/** Games that play while something else happens, and what must not have happened to them meanwhile. */
export type Fleet = Awaited<ReturnType<typeof startFleet>>

export async function startFleet(installed: InstalledController, size: number) {
  const names = Array.from({ length: size }, (_, i) => `fleet-${i}`)
  const turns = { schedule: '*/5 * * * * *' }
  await Promise.all(names.map((name) => installed.play(name, { turns })))
  await Promise.all(names.map((name) => installed.ready(name)))

  return { names, look, playedOn, turnsWithoutGap }

  async function look() {
    const engines = await Promise.all(
      names.map(async (name) => {
        const { status } = await installed.game(name)
        const { epoch, restarts, ref } = status.engine ?? {}
        return {
          name,
          turn: status.turn?.number ?? -1,
          engine: { epoch, restarts, ref, pod: await installed.pod(name) },
        }
      }),
    )
    return engines
  }

  /** Waits until each has played `turns` more than it had; answers their engines then. */
  async function playedOn(before: Awaited<ReturnType<typeof look>>, turns = 2) {
    for (const { name, turn } of before) {
      await installed.until(name, ({ status }) => (status.turn?.number ?? 0) >= turn + turns)
    }
    return (await look()).map(({ engine }) => engine)
  }

  /** What stands on each volume: no turn twice, none left out, as far as the status says at least. */
  async function turnsWithoutGap(): Promise<boolean> {
    const known = await look()
    const gapless = await Promise.all(
      known.map(async ({ name, turn }) => {
        const onDisk = await installed.turnsOnDisk(name)
        return onDisk.length > turn && onDisk.join() === everyTurn(onDisk.length - 1).join()
      }),
    )
    return gapless.every(Boolean)
  }
}
