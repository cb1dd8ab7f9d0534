import { ApiError, methodNotAllowed, noSuchResource } from '../api-error.ts'
import { mediaType, parseObject, repetitionsIn } from '../body.ts'
import { type Kind, type Registry, servedForm } from '../kinds/index.ts'
import { textAt } from '../json-path.ts'
import { existing, storeKeyOf, type Target, type WriteDeps, type Written } from '../write/target.ts'
import { list } from '../read/list.ts'
import { readListOptions } from '../read/list-options.ts'
import { negotiate } from '../read/negotiate.ts'
import { renderList, renderObject } from '../read/render.ts'
import { selectionOf } from '../read/selection.ts'
import type { ResourceRequest, Verb } from '../request-info.ts'
import { apply } from '../write/apply.ts'
import { create } from '../write/create.ts'
import { remove } from '../write/delete.ts'
import { type DeleteOptions, readDeleteOptions } from '../write/delete-options.ts'
import { readWriteOptions } from '../write/options.ts'
import { patch, patchTypes } from '../write/patch.ts'
import { update } from '../write/update.ts'
import { type Answer, answerJson, answerStatus, answerText, type Call } from './answer.ts'
import { review } from './reviews.ts'

export type ResourceDeps = WriteDeps & { registry: Registry }

/** Answers every request for a resource but watches. */
export function createResources(deps: ResourceDeps) {
  const { store, registry, clock } = deps
  return async (request: ResourceRequest, call: Call): Promise<Answer> => {
    const reviewed = review(request, call.user, () => parseObject(call.body, mediaType(call.headers['content-type'])))
    if (reviewed) return answerJson(reviewed, { code: 201 })
    const target = targetOf(registry, request)
    switch (request.verb) {
      case 'get':
        return one(request, call, target)
      case 'list':
        return many(request, call, target)
      case 'create':
      case 'update':
      case 'patch':
        return write(request, call, target)
      case 'delete':
        return removeOne(request, call, target)
      case 'deletecollection':
        return removeMany(request, call, target)
      default:
        throw methodNotAllowed()
    }
  }

  function one(request: ResourceRequest, { headers }: Call, target: Target): Answer {
    const stored = existing(target, store.get(storeKeyOf(target)))
    const include = request.query.get('includeObject')
    return answerText(
      renderObject({ kind: target.kind, as: negotiate(headers.accept), include, now: clock.now() }, stored),
    )
  }

  function many({ query }: ResourceRequest, { headers }: Call, { kind, namespace }: Target): Answer {
    const found = list(store, kind, selectionOf(kind, namespace, query), readListOptions(query))
    const include = query.get('includeObject')
    return answerText(renderList({ kind, as: negotiate(headers.accept), include, now: clock.now() }, found))
  }

  async function write({ verb, query }: ResourceRequest, call: Call, target: Target): Promise<Answer> {
    const as = negotiate(call.headers.accept)
    const type = mediaType(call.headers['content-type'])
    const warnings: string[] = []
    const warn = (warning: string) => void warnings.push(warning)
    const options = readWriteOptions(query, call.headers['user-agent'])
    try {
      const { code, stored } = await run()
      const include = query.get('includeObject')
      return answerText(renderObject({ kind: target.kind, as, include, now: clock.now() }, stored), { code, warnings })
    } catch (error) {
      if (error instanceof ApiError) return answerStatus(error, warnings)
      throw error
    }

    function run(): Promise<Written> {
      if (verb === 'patch') {
        if (type !== patchTypes.apply) return patch(deps, { target, body: call.body, type, options, warn })
        const fieldManager = query.get('fieldManager') ?? ''
        return apply(deps, { target, body: call.body, type, options: { ...options, fieldManager }, warn })
      }
      const body = parseObject(call.body, type)
      const repetitions = options.fieldValidation === 'Ignore' ? [] : repetitionsIn(call.body, type)
      const asked = { target, body, repetitions, options, warn }
      return verb === 'create' ? create(deps, asked) : update(deps, asked)
    }
  }

  async function removeOne({ query }: ResourceRequest, call: Call, target: Target): Promise<Answer> {
    const options = readDeleteOptions(query, call.body, call.headers['content-type'])
    const { gone, stored } = await remove(deps, target, options)
    if (gone) return answerJson(success(target, stored.object))
    return answerText(JSON.stringify(servedForm(target.kind, stored.object)))
  }

  async function removeMany({ query }: ResourceRequest, call: Call, target: Target): Promise<Answer> {
    const { kind, namespace } = target
    const options = readDeleteOptions(query, call.body, call.headers['content-type'])
    const found = list(store, kind, selectionOf(kind, namespace, query), readListOptions(query))
    const all = await Promise.all(found.items.map((stored) => removeIfThere(target, stored, options)))
    const items = all.filter((stored) => stored !== undefined)
    return answerText(renderList({ kind, as: 'object', include: null, now: clock.now() }, { ...found, items }))
  }

  async function removeIfThere(
    target: Target,
    { namespace, name }: Pick<Target, 'namespace' | 'name'>,
    options: DeleteOptions,
  ) {
    const key = { ...target, namespace, name }
    if (!store.get(storeKeyOf(key))) return undefined
    return (await remove(deps, key, options)).stored
  }
}

/** @throws ApiError 404 for a resource that is not served, or not at this path; 405 for a verb it does not know */
export function targetOf(registry: Registry, { namespace, name, subresource, ...request }: ResourceRequest): Target {
  const kind = registry.find(request)
  const isStatus = subresource === 'status'
  if (!kind || (subresource !== '' && !(isStatus && kind.hasStatus))) throw noSuchResource()
  if (namespace !== '' && !kind.namespaced) throw noSuchResource()
  const isForAll = request.verb === 'list' || request.verb === 'watch'
  if (kind.namespaced && namespace === '' && !isForAll) throw noSuchResource()
  if (!verbsAt({ kind, name, isStatus }).includes(request.verb)) throw methodNotAllowed()
  return { kind, namespace, name, subresource: isStatus ? 'status' : '' }
}

function verbsAt({ kind, name, isStatus }: { kind: Kind; name: string; isStatus: boolean }): readonly Verb[] {
  if (isStatus) return ['get', 'update', 'patch']
  if (name !== '') return ['get', 'watch', 'update', 'patch', 'delete']
  return kind.namespaced ? ['list', 'watch', 'create', 'deletecollection'] : ['list', 'watch', 'create']
}

function success({ kind, name }: Target, object: Parameters<typeof textAt>[0]) {
  const { group, plural } = kind
  const uid = textAt(object, ['metadata', 'uid'])
  const details = { name, ...(group ? { group } : {}), kind: plural, uid }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}
