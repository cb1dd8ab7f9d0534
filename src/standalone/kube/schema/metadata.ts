import { isObject, type JsonObject } from '../../../platform/json.ts'
import { type Cause, forbiddenValue, invalid, required, tooLong } from './causes.ts'
import { labelValueFaults, qualifiedNameFaults } from './names.ts'
import { validateStructure } from './validate.ts'

/** Any object: its metadata is checked as every object's is. */
const onlyMetadata: JsonObject = { type: 'object' }
const maxAnnotationBytes = 256 * 1024

/** What differs between kinds: whether they live in namespaces, and what their names may be. */
export type MetadataRules = { namespaced: boolean; nameFaults: (name: string) => string[] }

/**
 * What is wrong with the metadata of an object.
 * https://github.com/kubernetes/apimachinery/blob/master/pkg/api/validation/objectmeta.go
 */
export function validateMetadata(object: JsonObject, { namespaced, nameFaults }: MetadataRules): Cause[] {
  const metadata = object['metadata'] ?? {}
  const structure = validateStructure(onlyMetadata, { metadata })
  if (structure.length > 0 || !isObject(metadata)) return structure
  return [
    ...nameCauses(metadata, nameFaults),
    ...namespaceCauses(metadata, namespaced),
    ...labelCauses(textsIn(metadata['labels'])),
    ...annotationCauses(textsIn(metadata['annotations'])),
    ...finalizerCauses(metadata['finalizers']),
    ...ownerCauses(metadata['ownerReferences']),
  ]
}

function textsIn(value: unknown): [string, string][] {
  return isObject(value) ? Object.entries(value).map(([name, text]) => [name, String(text)]) : []
}

function nameCauses({ name, generateName }: JsonObject, nameFaults: MetadataRules['nameFaults']): Cause[] {
  const causes: Cause[] = []
  if (typeof generateName === 'string' && generateName !== '') {
    // It ends in a dash as a rule, and more text follows it.
    const faults = nameFaults(generateName.replace(/-$/, 'a'))
    causes.push(...faults.map((fault) => invalid('metadata.generateName', generateName, fault)))
  }
  if (typeof name !== 'string' || name === '') {
    causes.push(required('metadata.name', 'name or generateName is required'))
  } else {
    causes.push(...nameFaults(name).map((fault) => invalid('metadata.name', name, fault)))
  }
  return causes
}

function namespaceCauses({ namespace }: JsonObject, namespaced: boolean): Cause[] {
  const given = typeof namespace === 'string' && namespace !== ''
  if (namespaced === given) return []
  return [
    namespaced ? required('metadata.namespace') : forbiddenValue('metadata.namespace', 'not allowed on this type'),
  ]
}

function labelCauses(labels: readonly [string, string][]): Cause[] {
  const field = 'metadata.labels'
  return labels.flatMap(([name, value]) => [
    ...qualifiedNameFaults(name).map((fault) => invalid(field, name, fault)),
    ...labelValueFaults(value).map((fault) => invalid(field, value, fault)),
  ])
}

function annotationCauses(annotations: readonly [string, string][]): Cause[] {
  const field = 'metadata.annotations'
  const bytes = annotations.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)
  const names = annotations.flatMap(([name]) =>
    qualifiedNameFaults(name.toLowerCase()).map((fault) => invalid(field, name, fault)),
  )
  return [...names, ...(bytes > maxAnnotationBytes ? [tooLong(field, maxAnnotationBytes)] : [])]
}

function finalizerCauses(finalizers: unknown): Cause[] {
  if (!Array.isArray(finalizers)) return []
  return finalizers
    .filter((each) => typeof each === 'string')
    .flatMap((each) => qualifiedNameFaults(each).map((fault) => invalid('metadata.finalizers', each, fault)))
}

function ownerCauses(owners: unknown): Cause[] {
  if (!Array.isArray(owners)) return []
  const field = 'metadata.ownerReferences'
  const references = owners.filter(isObject)
  const empty = references.flatMap((reference) =>
    ['apiVersion', 'kind', 'name', 'uid']
      .filter((name) => reference[name] === undefined || reference[name] === '')
      .map((name) =>
        invalid(`${field}.${name}`, '', name === 'apiVersion' ? 'version must not be empty' : 'must not be empty'),
      ),
  )
  const controllers = references.filter(({ controller }) => controller === true)
  if (controllers.length < 2) return empty
  const [first, second] = controllers.map(({ kind, name }) => `${String(kind)}/${String(name)}`)
  const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`
  return [...empty, invalid(field, owners, detail)]
}
