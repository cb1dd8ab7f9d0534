/** Keys by the time they are due: the earliest counts when a key is added twice. A binary heap. */
export type DelayHeap<K> = {
  add: (key: K, dueAtMs: number) => void
  /** When the next key is due. */
  nextAtMs: () => number | undefined
  /** Takes out every key that is due, the earliest first. */
  takeDue: (nowMs: number) => K[]
  size: () => number
}

export function createDelayHeap<K>(): DelayHeap<K> {
  type Entry = { key: K; dueAtMs: number; order: number }
  const heap: Entry[] = []
  const earliest = new Map<K, Entry>()
  let added = 0

  function add(key: K, dueAtMs: number): void {
    const before = earliest.get(key)
    if (before && before.dueAtMs <= dueAtMs) return
    // The later entry stays in the heap and is passed over when it comes up: cheaper than finding it.
    const entry = { key, dueAtMs, order: added }
    added += 1
    earliest.set(key, entry)
    heap.push(entry)
    siftUp(heap.length - 1)
  }

  function peek(): Entry | undefined {
    for (let top = heap[0]; top; top = heap[0]) {
      if (earliest.get(top.key) === top) return top
      removeTop()
    }
    return undefined
  }

  function takeDue(nowMs: number): K[] {
    const due: K[] = []
    for (let top = peek(); top && top.dueAtMs <= nowMs; top = peek()) {
      removeTop()
      earliest.delete(top.key)
      due.push(top.key)
    }
    return due
  }

  function removeTop(): void {
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    siftDown()
  }

  function siftUp(from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!swapIfBefore(at, parent)) return
      at = parent
    }
  }

  function siftDown(): void {
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left
      if (child >= heap.length || !swapIfBefore(child, at)) return
      at = child
    }
  }

  function swapIfBefore(at: number, other: number): boolean {
    const [a, b] = [heap[at], heap[other]]
    if (!a || !b || !isBefore(a, b)) return false
    heap[at] = b
    heap[other] = a
    return true
  }

  /** Equal times come in the order in which they were added. */
  function isBefore(a: Entry | undefined, b: Entry | undefined): boolean {
    if (!a || !b) return false
    return a.dueAtMs === b.dueAtMs ? a.order < b.order : a.dueAtMs < b.dueAtMs
  }

  return { add, takeDue, nextAtMs: () => peek()?.dueAtMs, size: () => earliest.size }
}
