import { clearLine, createInterface, cursorTo } from 'node:readline'
import { printable } from './text.ts'

export type Streams = { input: NodeJS.ReadableStream; output: NodeJS.WritableStream; interactive: boolean }

/** Where a player types and reads. */
export type Terminal = {
  interactive: boolean
  /** Prints whole lines; above the prompt when there is one. */
  print: (text: string) => void
  /** The answer to a question; undefined when there is no more input. */
  ask: (question: string) => Promise<string | undefined>
  /** The next line; undefined when there is no more input. The prompt is for people only. */
  readCommand: (prompt: string) => Promise<string | undefined>
  /** Runs work that Ctrl-C may end. */
  interruptible: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>
  /** Columns of the screen; undefined in a pipe, which has none. */
  width: () => number | undefined
  /** Gives what a line that has been begun can be continued to, from now on. */
  completeWith: (complete: (line: string) => readonly string[]) => void
  /** Ends the input, and what may be ended: who waits for a line gets none. */
  close: () => void
}

export function createTerminal(streams: Streams): Terminal {
  let complete: (line: string) => readonly string[] = () => []
  const { input, output, interactive } = streams
  const lines: string[] = []
  let waiting: ((line: string | undefined) => void) | undefined
  let closed = false
  let running: AbortController | undefined
  const readline = createInterface({
    input,
    terminal: interactive,
    ...(interactive ? { output, completer: (line: string) => [complete(line), line] } : {}),
  })
  readline.on('line', (line) => {
    if (waiting) waiting(line)
    else lines.push(line)
  })
  readline.on('close', () => {
    closed = true
    waiting?.(undefined)
  })
  readline.on('SIGINT', () => {
    if (running) running.abort()
    else readline.close()
  })

  return {
    interactive,
    print,
    ask: (question) => {
      if (!interactive) print(question)
      return nextLine(`${question} `)
    },
    readCommand: nextLine,
    width: () => ('columns' in output && typeof output.columns === 'number' ? output.columns || undefined : undefined),
    completeWith: (next) => {
      complete = next
    },
    interruptible: async (work) => {
      const controller = new AbortController()
      running = controller
      try {
        return await work(controller.signal)
      } finally {
        running = undefined
      }
    },
    close: () => {
      running?.abort()
      readline.close()
    },
  }

  function print(text: string): void {
    const whole = printable(text.endsWith('\n') ? text : `${text}\n`)
    if (!interactive || !waiting) return void output.write(whole)
    cursorTo(output, 0)
    clearLine(output, 0)
    output.write(whole)
    readline.prompt(true)
  }

  function nextLine(prompt: string): Promise<string | undefined> {
    const line = lines.shift()
    if (line !== undefined || closed) return Promise.resolve(line)
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    waiting = (given) => {
      waiting = undefined
      resolve(given)
    }
    if (interactive) {
      readline.setPrompt(printable(prompt))
      readline.prompt()
    }
    return promise
  }
}
