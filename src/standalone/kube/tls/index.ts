export { answerTlsToo } from './both.ts'
