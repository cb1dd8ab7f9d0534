import { describe, expect, it } from 'vitest'
import { createClientClock } from '../../test/support/client-clock.ts'
import { createScriptedGateway } from '../../test/support/scripted-gateway.ts'
import { CommandRefused, createDeviceKey, createGalaxyClient, GatewayRefused } from './index.ts'

async function stranger() {
  const clock = createClientClock()
  const gateway = createScriptedGateway({ nowMs: clock.nowMs })
  const { transport, fetch } = gateway
  const key = await createDeviceKey()
  const client = createGalaxyClient({ publicUrl: 'http://gateway/', transport, fetch, key, clock })
  const { challengeId } = await client.auth.sendEmailCode('ada@example.com', { locale: 'en' })
  return { client, gateway, challengeId, clock }
}

describe('signing in', () => {
  it('enrols the key of this device with a code', async () => {
    const { client, gateway, challengeId } = await stranger()
    expect(client.session()).toBeUndefined()
    const { deviceSessionId } = await client.auth.confirmEmailCode({ challengeId, code: ' 12345678\n' })
    expect([...gateway.sessions.keys()]).toEqual([deviceSessionId])
    expect(client.session()).toBe(deviceSessionId)
  })

  it('with a wrong code is refused once', async () => {
    const { client, gateway, challengeId } = await stranger()
    const attempt = client.auth.confirmEmailCode({ challengeId, code: '00000000' })
    await expect(attempt).rejects.toThrow(CommandRefused)
    await expect(attempt).rejects.toMatchObject({ code: 'invalid_or_expired_code' })
    expect(gateway.sessions.size).toBe(0)
    expect(client.session()).toBeUndefined()
  })

  it('gives the same session when the answer was lost', async () => {
    const { client, gateway, challengeId } = await stranger()
    let lost = 2
    gateway.afterPublic = (path) => {
      if (path === '/auth/confirm-email-code' && lost-- > 0) throw new TypeError('fetch failed')
    }
    const { deviceSessionId } = await client.auth.confirmEmailCode({ challengeId, code: '12345678' })
    expect(gateway.confirmations).toBe(3)
    expect([...gateway.sessions.keys()]).toEqual([deviceSessionId])
  })

  it('is given up after half a minute without an answer', async () => {
    const { client, gateway, challengeId, clock } = await stranger()
    gateway.beforePublic = (path) => {
      if (path.startsWith('/auth')) throw new TypeError('fetch failed')
    }
    const startMs = clock.nowMs()
    await expect(client.auth.confirmEmailCode({ challengeId, code: '12345678' })).rejects.toThrow(GatewayRefused)
    expect(clock.nowMs() - startMs).toBeLessThan(30_000)
    expect(clock.waits.length).toBeGreaterThan(2)
  })

  it('does not have a second code sent when the answer to the first was lost', async () => {
    const { client, gateway } = await stranger()
    let requests = 0
    gateway.afterPublic = () => {
      requests += 1
      throw new TypeError('fetch failed')
    }
    await expect(client.auth.sendEmailCode('ada@example.com')).rejects.toMatchObject({ code: 'unreachable' })
    expect(requests).toBe(1)
  })

  it.each(['<html>', '[]', '{"challenge_id":7}', ''])('takes %j for no answer', async (text) => {
    const key = await createDeviceKey()
    const fetch = async () => ({ status: 200, text: async () => text })
    const { transport } = createScriptedGateway()
    const client = createGalaxyClient({ publicUrl: 'http://gateway', transport, fetch, key })
    await expect(client.auth.sendEmailCode('ada@example.com')).rejects.toMatchObject({ code: 'unreachable' })
  })
})
