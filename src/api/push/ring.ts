import type { Frame } from './frames.ts'

export type RingLimits = { events: number; bytes: number }

export type Ring = ReturnType<typeof createRing>

/** What a frame costs beside its payload, roughly. */
const frameBytes = 512

/** The newest frames by position, bounded in number and size: the oldest make room. */
export function createRing(limits: RingLimits) {
  const held = new Map<number, Frame>()
  let floor = 0
  let bytes = 0

  const last = () => floor + held.size

  function dropOldest(): void {
    floor += 1
    bytes -= sizeOf(held.get(floor))
    held.delete(floor)
  }

  return {
    /** The frames after this position are held. */
    floor: () => floor,
    /** The position of the newest frame; the floor while there is none. */
    last,
    get: (position: number) => held.get(position),

    /** Adds the frame after the last one. */
    add(frame: Frame): void {
      held.set(last() + 1, frame)
      bytes += sizeOf(frame)
      while (held.size > limits.events || bytes > limits.bytes) dropOldest()
    },

    /** Forgets everything; the next frame is the one after `position`. */
    reset(position: number): void {
      held.clear()
      floor = position
      bytes = 0
    },
  }
}

function sizeOf(frame: Frame | undefined): number {
  if (!frame) return 0
  return frameBytes + (frame.kind.case === 'clientEvent' ? frame.kind.value.payloadBytes.length : 0)
}
