export type { AuthPolicy } from './policy.ts'
export { type Pepper, peppers } from './codes.ts'
export { authPublicRoutes } from './routes.ts'
export { type AuthDeps, type AuthService, createAuthService } from './service.ts'
