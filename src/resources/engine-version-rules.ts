import type { EngineVersionSpec } from './engine-version.ts'
import type { Rule } from './rules.ts'

const semverPattern =
  '^(0|[1-9][0-9]*)[.](0|[1-9][0-9]*)[.](0|[1-9][0-9]*)(-[0-9A-Za-z-]+([.][0-9A-Za-z-]+)*)?([+][0-9A-Za-z-]+([.][0-9A-Za-z-]+)*)?$'

export const engineVersionRules: readonly Rule<{ spec: EngineVersionSpec }>[] = [
  {
    message: 'must be a semantic version such as 1.0.3',
    cel: { at: 'spec', rule: `self.version.matches('${semverPattern}')`, fieldPath: '.version' },
    violations: ({ spec }) =>
      new RegExp(semverPattern).test(spec.version) ? [] : [{ field: 'spec.version', value: spec.version }],
  },
  immutable('version'),
  // Another image would take the place of every engine of the version at once; a new version is taken up game by game.
  immutable('image'),
]

function immutable(field: 'version' | 'image'): Rule<{ spec: EngineVersionSpec }> {
  return {
    message: 'cannot be changed; make another EngineVersion',
    cel: { at: 'spec', rule: `self.${field} == oldSelf.${field}`, fieldPath: `.${field}` },
    violations: ({ spec }, old) =>
      old && old.spec[field] !== spec[field] ? [{ field: `spec.${field}`, value: spec[field] }] : [],
  }
}
