import { type Admission, admitEngineVersion, admitGame } from './admission.ts'
import { type CustomResourceDefinition, engineVersionCrd, gameCrd } from './crd.ts'

/** Everything an API server needs to serve one of our kinds. */
export type CustomKind = { definition: CustomResourceDefinition; admit: Admission }

export const customKinds: readonly CustomKind[] = [
  { definition: gameCrd, admit: admitGame },
  { definition: engineVersionCrd, admit: admitEngineVersion },
]
