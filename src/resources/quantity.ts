import { z } from 'zod'
import { isRawNumber, type RawNumber } from '../platform/json.ts'

/** https://github.com/kubernetes/apimachinery/blob/master/pkg/api/resource/quantity.go */
const quantityPattern =
  '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$'

/** A Kubernetes quantity: `50m`, `64Mi`, `1`. */
export const Quantity = z
  .union([
    z.number().refine(Number.isInteger),
    // JavaScript would round it; a quantity may be a text as well.
    z
      .custom<RawNumber>((value) => isRawNumber(value) && /^-?[0-9]+$/.test(value.rawJSON))
      .transform(({ rawJSON }) => rawJSON),
    z.string().regex(new RegExp(quantityPattern), 'must be a quantity such as 50m or 64Mi'),
  ])
  .meta({ 'x-kubernetes-int-or-string': true, pattern: quantityPattern })
