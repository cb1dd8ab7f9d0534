import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstContent, tar } from './tar.ts'

const listed = (archive: Buffer) =>
  execFileSync('tar', ['--list', '--verbose', '--numeric-owner'], { input: archive, encoding: 'utf8' })

describe('an archive', () => {
  it('of a folder is one to tar, with its owner and mode', () => {
    const archive = tar({ folder: 'state', mode: 0o700, uid: 65_532, gid: 65_532 })
    expect(listed(archive)).toMatch(/^drwx------ 65532\/65532 .* state\/\n$/)
  })

  it('of a file is one to tar, with its content', () => {
    const archive = tar({ file: 'mark', content: 'abc', mode: 0o644 })
    expect(listed(archive)).toMatch(/^-rw-r--r-- 0\/0 +3 .* mark\n$/)
    expect(execFileSync('tar', ['--extract', '--to-stdout'], { input: archive, encoding: 'utf8' })).toBe('abc')
  })

  it('gives back what was put into it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (content) => {
        expect(firstContent(tar({ file: 'mark', content, mode: 0o644 }))).toBe(Buffer.from(content).toString())
      }),
    )
  })

  it('that is none has no content', () => {
    expect(firstContent(Buffer.alloc(0))).toBe('')
    expect(firstContent(Buffer.alloc(1024))).toBe('')
  })
})
