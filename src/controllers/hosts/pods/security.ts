import { engineUser } from '../engine-user.ts'

/** What the Pod Security Standard "restricted" asks of a Pod, and a volume that this user may write. */
export const podSecurity = {
  runAsNonRoot: true,
  runAsUser: engineUser.uid,
  runAsGroup: engineUser.gid,
  fsGroup: engineUser.gid,
  // Only when the top folder's owner differs: changing every file of a long game would delay each start.
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
} as const

export const containerSecurity = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
} as const
