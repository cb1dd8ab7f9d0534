import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Eta } from 'eta'
import type { Message } from './model.ts'

const folder = join(import.meta.dirname, 'pages')
const eta = new Eta({ views: folder, autoEscape: true, cache: true })

export const styleSheet = readFileSync(join(folder, 'style.css'), 'utf8')

/** The list of messages; the browser asks for it again every few seconds. */
export function listPage({ messages, to }: { messages: readonly Message[]; to: string | undefined }): string {
  return eta.render('./list', { to, messages: messages.map(shown) })
}

export function messagePage(message: Message): string {
  return eta.render('./message', { message: shown(message) })
}

function shown({ subject, receivedAt, ...message }: Message) {
  return { ...message, receivedAt, time: receivedAt.replace('T', ' ').slice(0, 19), subject: subject || '(no subject)' }
}
