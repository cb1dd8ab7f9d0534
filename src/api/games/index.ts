export { createGameAnnouncer, type GameAnnouncer } from './announcer.ts'
export { gameRoutes } from './routes.ts'
export { createGamesService, type GamesService } from './service.ts'
