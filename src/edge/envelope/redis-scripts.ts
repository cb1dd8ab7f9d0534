import { createHash } from 'node:crypto'

export type Script = { lua: string; sha: string }

function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') }
}

/**
 * KEYS[1] the epoch's; ARGV[1] the server's identity, ARGV[2] the floor: a moment that a new epoch must not lie before, 0
 * where the gateway knows none.
 * The epoch is kept with the identity of the server that it was found empty on. Another identity means that the server
 * was restarted, or that a replica has taken its place: either may have lost the last reservations while it kept the
 * epoch. A new epoch is the floor, which continues the clock of the server before; only a gateway that has not met one
 * takes this server's clock. No epoch is lower than the one before.
 */
const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local epoch, server = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (.*)$')
epoch = tonumber(epoch)
local function beginEpoch()
  local floor = tonumber(ARGV[2])
  epoch = math.max(epoch or 0, floor > 0 and floor or now)
  redis.call('SET', KEYS[1], string.format('%.0f', epoch) .. ' ' .. ARGV[1])
end
`

/**
 * KEYS[2] how far ahead of the store's clock gateways are, KEYS[3] a key to write to; ARGV[3] how far ahead this gateway
 * is, ARGV[4] `1` to begin an epoch in any case.
 * Returns the time, the epoch, and how far ahead the gateway that is furthest ahead is.
 */
export const openEpoch = script(`${prelude}
redis.call('SET', KEYS[3], '1', 'PX', 60000)
local ahead = tonumber(redis.call('GET', KEYS[2]) or '0') or 0
if tonumber(ARGV[3]) >= ahead then
  ahead = tonumber(ARGV[3])
  redis.call('SET', KEYS[2], ARGV[3], 'PX', 600000)
end
if not epoch or server ~= ARGV[1] or ARGV[4] == '1' then beginEpoch() end
return { now, epoch, ahead }
`)

/**
 * KEYS[2] the reservation's; ARGV[3] the request's time, ARGV[4] until when it is reserved, ARGV[5] when the gateway has
 * given the attempt up, ARGV[6] the attempt's token, from ARGV[7] on the tokens of attempts for the same request that
 * this gateway has given up and will not execute.
 * Returns the outcome, the time, and the epoch. All times are by the store's clock. The server may have been demoted and
 * promoted again, with other data, since the gateway asked who it is: the history of its data is compared each time.
 */
export const reserve = script(`${prelude}
local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
local function outcome()
  if history and not string.find(ARGV[1], history, 1, true) then return 'moved' end
  if epoch and server ~= ARGV[1] then return 'moved' end
  if now > tonumber(ARGV[5]) then return 'late' end
  if not epoch then beginEpoch() end
  if tonumber(ARGV[3]) < epoch then return 'reset' end
  local ttl = tonumber(ARGV[4]) - now
  if ttl <= 0 then return 'stale' end
  ttl = string.format('%.0f', ttl)
  if redis.call('SET', KEYS[2], ARGV[6], 'NX', 'PX', ttl) then return 'reserved' end
  local holder = redis.call('GET', KEYS[2])
  for i = 7, #ARGV do
    if holder == ARGV[i] then
      redis.call('SET', KEYS[2], ARGV[6], 'PX', ttl)
      return 'reserved'
    end
  end
  return 'replayed'
end
return { outcome(), now, epoch or 0 }
`)

/** Removes the reservations KEYS[i] that the attempts ARGV[i] hold: those of others stay. */
export const release = script(`
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[i] then redis.call('DEL', KEYS[i]) end
end
return #KEYS
`)
