import { Command } from 'commander'
import { standardError } from '../platform/output/index.ts'
import { addApi } from './api.ts'
import { addApply } from './apply.ts'
import type { CliContext } from './context.ts'
import { addController } from './controller.ts'
import { addDelete } from './delete.ts'
import { addDoctor } from './doctor.ts'
import { addEdge } from './edge.ts'
import { addEngine } from './engine.ts'
import { addGet } from './get.ts'
import { addMigrate } from './migrate.ts'
import { addPlay } from './play.ts'
import { addUp } from './up.ts'
import { addVersion } from './version.ts'

/**
 * The galaxy command. The subcommands stand here with their flags only: what one does is imported when it runs, so that
 * `galaxy engine` starts without the rest.
 */
export function createProgram(context: CliContext): Command {
  const program = new Command('galaxy')
    .description('A control plane for turn-based multiplayer games.')
    .exitOverride()
    .showHelpAfterError("('--help' shows what there is)")
    .configureOutput({
      writeErr: (text) => standardError().write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'galaxy: ')),
    })
  const add = [
    addUp,
    addApply,
    addGet,
    addDelete,
    addDoctor,
    addApi,
    addController,
    addEdge,
    addEngine,
    addMigrate,
    addPlay,
    addVersion,
  ]
  for (const addCommand of add) addCommand(program, context)
  return program
}
