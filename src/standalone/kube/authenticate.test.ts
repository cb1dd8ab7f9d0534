import { describe, expect, it } from 'vitest'
import { createAuthenticate } from './authenticate.ts'

const authenticate = createAuthenticate([
  { token: 'one', user: 'ada', groups: ['system:masters'] },
  { token: 'two', user: 'controller', groups: [] },
])

describe('authentication', () => {
  it('knows users by their tokens', () => {
    expect(authenticate('Bearer one')).toEqual({ name: 'ada', groups: ['system:masters', 'system:authenticated'] })
    expect(authenticate('bearer two').name).toBe('controller')
  })

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Bearer three', 'Basic one', 'one', 'Bearer one two'])(
    'refuses %j',
    (header) => {
      expect(() => authenticate(header)).toThrow('Unauthorized')
    },
  )

  it('knows nobody when there are no tokens', () => {
    expect(() => createAuthenticate([])('Bearer ')).toThrow('Unauthorized')
  })
})
