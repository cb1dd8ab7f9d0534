export { type CorsPolicy, corsHeaders, isPreflight } from './cors.ts'
export { stripIdentityHeaders } from './identity-headers.ts'
export { slowClientLimits } from './limits.ts'
export { type ConnectListener, type ConnectListenerOptions, listenConnect } from './listener.ts'
