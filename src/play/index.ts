export { play, type PlayOptions } from './play.ts'
