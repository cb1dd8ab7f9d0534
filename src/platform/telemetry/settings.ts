import { z } from 'zod'

/** Where a process's spans go. */
export const tracesExporter = z
  .enum(['otlp', 'none', 'stdout'], { error: 'must be otlp, none or stdout' })
  .prefault('otlp')

/** How a process's metrics are to be had: `prometheus` is the metrics listener. */
export const metricsExporter = z
  .enum(['prometheus', 'none'], { error: 'must be prometheus or none' })
  .prefault('prometheus')
