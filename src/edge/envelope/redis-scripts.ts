import { createHash } from 'node:crypto'
import { maxEpochAheadMs } from './replay-store.ts'

export type Script = { lua: string; sha: string }

function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') }
}

/**
 * KEYS[1] the epoch's; ARGV[1] the time now, ARGV[2] the server's run id.
 * The epoch is kept with the run id of the server that it was found empty on. Another id means that the server has been
 * restarted, or that a replica has taken its place: either may have lost the last reservations while it kept the epoch,
 * so a new one begins.
 */
const epoch = `
local found = redis.call('GET', KEYS[1]) or ''
local epoch, server = string.match(found, '^(%d+) (.*)$')
if server ~= ARGV[2] or tonumber(epoch) > tonumber(ARGV[1]) + ${maxEpochAheadMs} then
  epoch = ARGV[1]
  redis.call('SET', KEYS[1], epoch .. ' ' .. ARGV[2])
end
`

/** Begins an epoch if one must begin. */
export const openEpoch = script(epoch)

/** KEYS[2] the reservation's; ARGV[3] the request's time, ARGV[4] for how many milliseconds it is reserved. */
export const reserve = script(`${epoch}
if tonumber(ARGV[3]) < tonumber(epoch) then return 'reset' end
if redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[4]) then return 'reserved' end
return 'replayed'
`)
