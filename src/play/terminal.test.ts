import { PassThrough } from 'node:stream'
import { expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { createTerminal } from './terminal.ts'

/** A terminal as a person has it; `keys` types. */
function open() {
  const input = new PassThrough()
  const output = new PassThrough()
  let text = ''
  output.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const terminal = createTerminal({ input, output, interactive: true })
  terminal.completeWith((line) => ['send ', 'sessions '].filter((name) => name.startsWith(line)))
  onTestFinished(() => terminal.close())
  const shown = (what: string) => eventually(() => text.includes(what))
  return { terminal, keys: (typed: string) => void input.write(typed), shown, text: () => text }
}

const ctrlC = '\u0003'

it('news stand above the prompt, and what was being typed stays', async () => {
  const { terminal, keys, shown, text } = open()
  const line = terminal.readCommand('quickstart> ')
  keys('sen')
  await shown('sen')
  terminal.print('turn 1 is complete')
  await eventually(() => text().lastIndexOf('quickstart> ') > text().lastIndexOf('turn 1 is complete\n'))
  keys('d 1 2\r')
  expect(await line).toBe('send 1 2')
})

it('tab completes what was begun', async () => {
  const { terminal, keys } = open()
  const line = terminal.readCommand('> ')
  keys('ses\t')
  keys('\r')
  expect(await line).toBe('sessions ')
})

it('Ctrl-C ends what is being waited for, and at the prompt the visit', async () => {
  const { terminal, keys } = open()
  const work = terminal.interruptible(
    (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve('ended'))),
  )
  keys(ctrlC)
  expect(await work).toBe('ended')
  const line = terminal.readCommand('> ')
  keys(ctrlC)
  expect(await line).toBeUndefined()
})

it('lines that were typed ahead are not lost', async () => {
  const { terminal, keys, shown } = open()
  keys('one\rtwo\r')
  await shown('two')
  expect([await terminal.readCommand('> '), await terminal.readCommand('> ')]).toEqual(['one', 'two'])
})

it('what others chose cannot get into the prompt as control characters', async () => {
  const { terminal, shown, text } = open()
  void terminal.readCommand('evil\u001B]0;owned\u0007> ')
  await shown('evil·]0;owned·> ')
  expect(text()).not.toContain('\u001B]0;owned')
})
