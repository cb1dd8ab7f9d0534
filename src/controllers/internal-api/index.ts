export { internalApiRoutes } from './routes.ts'
export { createInternalApiService } from './service.ts'
export { createWakes } from './wakes.ts'
