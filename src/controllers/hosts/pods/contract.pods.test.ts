import { hostContract } from '../contract.ts'
import { podsUnderTest } from './cluster-under-test.ts'

hostContract('pods', podsUnderTest)
