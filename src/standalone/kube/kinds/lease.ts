import { ageColumn, type Kind, plainKind } from './kind.ts'
import { integer, kindSchema, object, text, time } from './schemas.ts'

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/ */
export const leaseKind: Kind = {
  ...plainKind,
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  storedAs: 'leases.coordination.k8s.io',
  singular: 'lease',
  listKind: 'LeaseList',
  unconditionalUpdate: false,
  schema: kindSchema('Who holds something, and until when.', {
    spec: object('The lease.', {
      holderIdentity: text('Who holds the lease.'),
      leaseDurationSeconds: integer('How long others wait after renewTime before they take the lease.'),
      acquireTime: time('When the holder took the lease.'),
      renewTime: time('When the holder last renewed the lease.'),
      leaseTransitions: integer('How often the lease changed hands.'),
      strategy: text('How the holder is chosen among candidates.'),
      preferredHolder: text('Who should hold the lease next.'),
    }),
  }),
  columns: [
    {
      name: 'Holder',
      type: 'string',
      jsonPath: '.spec.holderIdentity',
      description: 'Who holds the lease.',
      priority: 0,
    },
    ageColumn,
  ],
  admit: ({ spec }) => {
    const duration = typeof spec === 'object' && spec && 'leaseDurationSeconds' in spec ? spec.leaseDurationSeconds : 1
    if (typeof duration !== 'number' || duration > 0) return []
    const message = `Invalid value: ${duration}: must be greater than 0`
    return [{ reason: 'FieldValueInvalid', field: 'spec.leaseDurationSeconds', message }]
  },
}
