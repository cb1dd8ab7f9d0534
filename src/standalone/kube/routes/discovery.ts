import type { IncomingHttpHeaders } from 'node:http'
import type { JsonObject } from '../../../platform/json.ts'
import { noSuchResource } from '../api-error.ts'
import {
  aggregatedDiscovery,
  aggregatedType,
  aggregatedVersion,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  openApiV2,
  openApiV2Protobuf,
  openApiV2ProtobufType,
  openApiV3,
  versionInfo,
} from '../discovery/index.ts'
import type { Registry } from '../kinds/index.ts'
import { type Answer, answerJson, answerText } from './answer.ts'

export type AnswerPath = (path: string, headers: IncomingHttpHeaders) => Answer

/** Answers every path that is no resource. */
export function createDiscovery(registry: Registry): AnswerPath {
  const v3 = openApiV3(registry)
  const v2 = JSON.stringify(openApiV2(registry))
  const v2Protobuf = openApiV2Protobuf(registry)
  return (path, headers) => {
    switch (path) {
      case '/version':
        return answerJson(versionInfo)
      case '/api':
        return aggregatedOr(headers, 'api', apiVersions)
      case '/apis':
        return aggregatedOr(headers, 'apis', () => apiGroupList(registry))
      case '/openapi/v2':
        return swagger(headers)
      case '/openapi/v3':
        return answerText(v3.index)
      default:
        return below(path)
    }
  }

  function aggregatedOr(headers: IncomingHttpHeaders, under: 'api' | 'apis', plain: () => JsonObject): Answer {
    const version = aggregatedVersion(headers.accept)
    if (!version) return answerJson(plain())
    return answerJson(aggregatedDiscovery(registry, { under, version }), { type: aggregatedType(version) })
  }

  function swagger({ accept = '' }: IncomingHttpHeaders): Answer {
    if (!accept.includes('protobuf') || accept.startsWith('application/json')) return answerText(v2)
    return { code: 200, body: v2Protobuf, type: openApiV2ProtobufType, warnings: [] }
  }

  function below(path: string): Answer {
    const document = path.startsWith('/openapi/v3/') ? v3.documents.get(path.slice('/openapi/v3/'.length)) : undefined
    if (document !== undefined) return answerText(document)
    const found = groupAt(path)
    if (!found) throw noSuchResource()
    return answerJson(found)
  }

  function groupAt(path: string): JsonObject | undefined {
    const [prefix, first = '', second] = path.slice(1).split('/')
    if (prefix === 'api') return apiResourceList(registry, { group: '', version: first })
    if (prefix !== 'apis') return undefined
    return second === undefined
      ? apiGroup(registry, first)
      : apiResourceList(registry, { group: first, version: second })
  }
}
