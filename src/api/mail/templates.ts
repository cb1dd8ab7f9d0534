import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Eta, type TemplateFunction } from 'eta'
import { MailKind, mailVars } from './model.ts'

const folder = join(import.meta.dirname, 'templates')
const fallback = 'en'

export type Rendered = {
  subject: string
  text: string
  html: string
  /** What must not be written down anywhere else. */
  secrets: readonly string[]
}

export type Templates = {
  /** @throws ZodError when the kind is none of ours or its vars do not fit */
  render: (mail: { kind: string; locale: string; vars: Readonly<Record<string, string>> }) => Rendered
}

type Parts = Record<'subject' | 'text' | 'html', (vars: object) => string>

/** Reads and compiles all templates, so that a broken one stops the start and not a mail. */
export function createTemplates(): Templates {
  const kinds = new Map(MailKind.options.map((kind) => [kind, readLanguages(kind)]))
  return {
    render: ({ kind: given, locale, vars: stored }) => {
      const kind = MailKind.parse(given)
      const { code, minutes } = mailVars[kind].parse(stored)
      const { language, parts } = choose(kinds.get(kind) ?? new Map(), locale)
      const vars = { code, validFor: inMinutes(language, minutes), language }
      return {
        subject: parts.subject(vars).replaceAll(/\s+/g, ' ').trim(),
        text: parts.text(vars),
        html: parts.html(vars),
        secrets: [code],
      }
    },
  }
}

/** The locale's own language if there is one, else its language without the region, else English. */
function choose(languages: ReadonlyMap<string, Parts>, locale: string): { language: string; parts: Parts } {
  const wanted = locale.toLowerCase()
  for (const language of [wanted, wanted.split('-')[0] ?? '', fallback]) {
    const parts = languages.get(language)
    if (parts) return { language, parts }
  }
  throw new Error(`there is no template in "${fallback}"`)
}

function readLanguages(kind: MailKind): ReadonlyMap<string, Parts> {
  const home = join(folder, kind.replaceAll('_', '-'))
  return new Map(readdirSync(home).map((language) => [language.toLowerCase(), readParts(join(home, language))]))
}

const plain = new Eta({ autoEscape: false, autoTrim: false })
const markup = new Eta({ autoEscape: true, autoTrim: false })

function readParts(home: string): Parts {
  const compile = (eta: Eta, file: string) => {
    const template: TemplateFunction = eta.compile(readFileSync(join(home, file), 'utf8'))
    return (vars: object) => eta.render(template, vars)
  }
  return { subject: compile(plain, 'subject.eta'), text: compile(plain, 'text.eta'), html: compile(markup, 'html.eta') }
}

/** "10 minutes", as the language has it. */
function inMinutes(language: string, minutes: number): string {
  return new Intl.NumberFormat(language, { style: 'unit', unit: 'minute', unitDisplay: 'long' }).format(minutes)
}
