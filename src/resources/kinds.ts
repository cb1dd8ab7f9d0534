import { type Admission, admitEngineVersion, admitGame } from './admission.ts'
import { type CustomResourceDefinition, engineVersionCrd, gameCrd } from './crd.ts'
import { type Warn, warnNobody, warnOfGame } from './warnings.ts'

/** Everything an API server needs to serve one of our kinds. */
export type CustomKind = { definition: CustomResourceDefinition; admit: Admission; warn: Warn }

export const customKinds: readonly CustomKind[] = [
  { definition: gameCrd, admit: admitGame, warn: warnOfGame },
  { definition: engineVersionCrd, admit: admitEngineVersion, warn: warnNobody },
]
