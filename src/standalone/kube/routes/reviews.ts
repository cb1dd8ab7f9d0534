import type { JsonObject } from '../../../platform/json.ts'
import type { User } from '../authenticate.ts'
import { objectAt } from '../json-path.ts'
import type { ResourceRequest } from '../request-info.ts'

/** `kubectl auth whoami` and `kubectl auth can-i`: who has a token may do everything. Undefined for other resources. */
export function review({ group, version, resource, verb }: ResourceRequest, user: User, body: () => JsonObject) {
  if (version !== 'v1' || verb !== 'create') return undefined
  const userInfo = { username: user.name, groups: [...user.groups] }
  switch (`${resource}.${group}`) {
    case 'selfsubjectreviews.authentication.k8s.io':
      return { ...head('authentication.k8s.io/v1', 'SelfSubjectReview'), status: { userInfo } }
    case 'selfsubjectaccessreviews.authorization.k8s.io': {
      const reason = 'every user of this server may do everything'
      const spec = objectAt(body(), ['spec'])
      return { ...head('authorization.k8s.io/v1', 'SelfSubjectAccessReview'), spec, status: { allowed: true, reason } }
    }
    default:
      return undefined
  }
}

function head(apiVersion: string, kind: string): JsonObject {
  return { kind, apiVersion, metadata: { creationTimestamp: null } }
}
