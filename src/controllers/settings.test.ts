import { describe, expect, it } from 'vitest'
import { readControllerSettings } from './settings.ts'

const read = (environment: Record<string, string>) =>
  readControllerSettings({ CONTROLLER_RUNTIME: 'pods', ...environment })

describe('the service token of the controller', () => {
  it('is the one that is set, without the line break that a file has brought along', () => {
    expect(read({ CONTROLLER_SERVICE_TOKEN: 'secret\n' }).serviceToken).toBe('secret')
  })

  it('may be missing', () => {
    expect(read({ CONTROLLER_SERVICE_TOKEN: '' })).toMatchObject({
      serviceToken: undefined,
      serviceTokenFile: undefined,
    })
  })

  it('is set or in a file, and not both', () => {
    const both = { CONTROLLER_SERVICE_TOKEN: 'secret', CONTROLLER_SERVICE_TOKEN_FILE: '/token' }
    expect(() => read(both)).toThrow(/setting CONTROLLER_SERVICE_TOKEN: .* beside CONTROLLER_SERVICE_TOKEN_FILE/)
  })
})
