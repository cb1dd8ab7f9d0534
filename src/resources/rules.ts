/** What is wrong with one field of an object. */
export type Violation = {
  /** As the Kubernetes API writes it: `spec.turns.schedule`, `spec.players[1].raceName`. */
  field: string
  value: unknown
  message: string
}

/**
 * One rule over a whole object, beyond what its schema's shape says. Rules stand here once: the CRDs carry `cel`, and
 * the embedded resource server and the admission webhook run `violations`, so all of them say the same.
 */
export type Rule<T> = {
  message: string
  /** Absent where CEL cannot say it: such a rule is told by admission, or by a condition where there is none. */
  cel?: {
    /** Schema path the expression is attached to, '' for the root: `spec.engine`. */
    at: string
    rule: string
    /** The field at fault, relative to `at`. */
    fieldPath?: string
  }
  /** The fields at fault, with what the message cannot say of each. `old` is the stored object when there is one. */
  violations: (object: T, old: T | undefined) => readonly (Omit<Violation, 'message'> & { details?: string })[]
}

export function violationsOf<T>(rules: readonly Rule<T>[], object: T, old: T | undefined): Violation[] {
  return rules.flatMap(({ message, violations }) =>
    violations(object, old).map(({ details, ...violation }) => ({
      ...violation,
      message: details === undefined ? message : `${message}: ${details}`,
    })),
  )
}
