export type { User } from './model.ts'
export { internalUserRoutes, userAccountRoutes } from './routes.ts'
export { createUsersService, type UsersService } from './service.ts'
export { ensureUser, findUserByEmail } from './store.ts'
