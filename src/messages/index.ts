import type { z } from 'zod'
import type { Command } from './command.ts'
import { gameCommands, lobbyCommands } from './game.ts'
import { userCommands } from './user.ts'

export type { BudgetClass, Command } from './command.ts'
export * from './events.ts'
export * from './game.ts'
export * from './user.ts'

const all = [...userCommands, ...lobbyCommands, ...gameCommands] as const

type Commands = (typeof all)[number]
export type CommandType = Commands['type']
type CommandOf<Type extends CommandType> = Extract<Commands, { type: Type }>
export type PayloadOf<Type extends CommandType> = z.input<CommandOf<Type>['payload']>
export type ResultOf<Type extends CommandType> = z.output<CommandOf<Type>['result']>

/** Every command that a client can send to the gateway, by message type. */
export const commands: ReadonlyMap<string, Command> = new Map<string, Command>(all.map((each) => [each.type, each]))

/** The message type of the signed request that opens the event stream. */
export const subscribeMessageType = 'gateway.subscribe'

/** No payload of a command is larger. */
export const maxPayloadBytes = 65_536
