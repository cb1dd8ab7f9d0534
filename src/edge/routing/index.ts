export type { Answer } from './answer.ts'
export { executeCommand, type ExecuteCommandDeps } from './execute-command.ts'
export { createRoute, type Route, type RoutedCommand } from './route.ts'
