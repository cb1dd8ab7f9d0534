export { createHub, type Hub, type HubOptions, type OpenOptions } from './hub.ts'
export { createPushClient, type PushClient, type PushClientOptions, type PushTiming } from './push-client.ts'
export { subscribeEvents } from './subscribe-events.ts'
