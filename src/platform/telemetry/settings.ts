import { z } from 'zod'

/** Where a process's spans go. */
export const tracesExporter = z
  .enum(['otlp', 'none', 'stdout'], { error: 'must be otlp, none or stdout' })
  .prefault('otlp')

/**
 * Where a process's metrics go. `prometheus`: nowhere by themselves, they are to be fetched from the metrics listener.
 * That is there whenever it has an address, but for `none`.
 */
export const metricsExporter = z
  .enum(['otlp', 'prometheus', 'none', 'stdout'], { error: 'must be otlp, prometheus, none or stdout' })
  .prefault('otlp')
