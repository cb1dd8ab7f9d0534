import { afterAll, beforeAll, describe } from 'vitest'
import { makeTestEngines, ownCluster } from './cluster.ts'
import { installController, type InstalledController } from './installed-controller.ts'
import { behindOurBack } from './stories/behind-our-back.ts'
import { disruption } from './stories/disruption.ts'
import { firstGame } from './stories/first-game.ts'

describe.skipIf(!ownCluster)('with the controller installed', () => {
  let installed: InstalledController
  beforeAll(async () => {
    await makeTestEngines()
    installed = await installController()
  }, 150_000)
  // Fails if it was refused anything in all of this.
  afterAll(() => installed?.uninstall(), 200_000)

  const lent = () => installed
  firstGame(lent)
  behindOurBack(lent)
  disruption(lent)
})
