import { describe, expect, it } from 'vitest'
import { containerName, gameLabels, gameOf, volumeName } from './names.ts'

const game = { namespace: 'default', name: 'andromeda-7', uid: '1f0e' }

describe('what is made for a game', () => {
  it('is named after it', () => {
    expect(containerName(game)).toBe('galaxy-game-andromeda-7')
    expect(containerName({ ...game, namespace: 'games' })).toBe('galaxy-game-andromeda-7_games')
  })

  it('is named so that its host name can be resolved, however long the names of the game and its namespace are', () => {
    const long = { ...game, name: `${'a'.repeat(120)}.${'b'.repeat(120)}`, namespace: 'games' }
    expect(containerName(long)).toMatch(/^galaxy-game-a{42}-[0-9a-f]{8}$/)
    expect(containerName(long)).not.toBe(containerName({ ...long, namespace: 'other' }))
    expect(containerName({ ...game, name: 'season.7' })).toBe('galaxy-game-season.7')
  })

  it('keeps apart the states of two games that had one name after the other', () => {
    expect(volumeName(game)).not.toBe(volumeName({ ...game, uid: '2f0e' }))
  })

  it('says which game it belongs to', () => {
    expect(gameLabels(game, 'here')).toMatchObject({
      'galaxy.backend': '1',
      'galaxy.game-uid': '1f0e',
      'app.kubernetes.io/managed-by': 'galaxy',
      'galaxy.dev/game': 'andromeda-7',
      'galaxy.dev/instance': 'here',
    })
    expect(gameOf(gameLabels({ ...game, namespace: 'games' }, 'here'))).toEqual({ ...game, namespace: 'games' })
  })

  it('may tell its game by the name of its container only', () => {
    const byHand = { 'galaxy.backend': '1', 'galaxy.game-uid': '1f0e' }
    expect(gameOf(byHand, containerName(game))).toEqual(game)
    expect(gameOf(byHand, containerName({ ...game, namespace: 'games' }))).toEqual({ ...game, namespace: 'games' })
    expect(gameOf(byHand, 'some-engine')).toBeUndefined()
  })

  it('belongs to the default namespace when it names none, and to no game without a name or uid', () => {
    expect(gameOf({ 'galaxy.game-uid': '1f0e', 'galaxy.dev/game': 'andromeda-7' })).toEqual(game)
    expect(gameOf({ 'galaxy.backend': '1', 'galaxy.game-uid': '1f0e' })).toBeUndefined()
    expect(gameOf(undefined)).toBeUndefined()
  })
})
