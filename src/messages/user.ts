import { z } from 'zod'
import { command, Moment, nothing } from './command.ts'

export const Account = z.object({
  id: z.uuid(),
  /** Never changes. */
  user_name: z.string(),
  display_name: z.string(),
  email: z.string(),
  locale: z.string(),
  time_zone: z.string(),
  created_at: Moment,
})
export type Account = z.infer<typeof Account>

export const DeviceSession = z.object({
  id: z.uuid(),
  device_label: z.string().nullable(),
  created_at: Moment,
  last_seen_at: Moment,
  expires_at: Moment,
  /** The session that asks. */
  current: z.boolean(),
})
export type DeviceSession = z.infer<typeof DeviceSession>

export const DeviceSessionList = z.object({ sessions: z.array(DeviceSession) })
const RevokedSessions = z.object({ revoked: z.int().min(0) })

export const SessionId = z.strictObject({ session_id: z.uuid() })

export const userCommands = [
  command({
    type: 'user.account.get',
    method: 'GET',
    path: '/account',
    budget: 'read',
    summary: 'Who is signed in.',
    payload: nothing,
    result: Account,
  }),
  command({
    type: 'user.sessions.list',
    method: 'GET',
    path: '/sessions',
    budget: 'read',
    summary: 'The devices that are signed in, the most recently seen first.',
    payload: nothing,
    result: DeviceSessionList,
  }),
  command({
    type: 'user.sessions.revoke',
    method: 'POST',
    path: '/sessions/{session_id}/revoke',
    budget: 'sensitive',
    summary: 'Signs one device out; again: 0 are revoked.',
    payload: SessionId,
    result: RevokedSessions,
  }),
  command({
    type: 'user.sessions.revoke_others',
    method: 'POST',
    path: '/sessions/revoke-others',
    budget: 'sensitive',
    summary: 'Signs out all devices but this one.',
    payload: nothing,
    result: RevokedSessions,
  }),
  command({
    type: 'user.sessions.logout',
    method: 'POST',
    path: '/sessions/logout',
    budget: 'sensitive',
    summary: 'Signs this device out.',
    payload: nothing,
    result: RevokedSessions,
  }),
] as const
