/** Any image must run as this user: no name, because an image need not know it. */
const user = 10_001

/** What the Pod Security Standard "restricted" asks of a Pod, and a volume that this user may write. */
export const podSecurity = {
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: user,
  fsGroup: user,
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
