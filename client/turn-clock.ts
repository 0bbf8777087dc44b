const READS = 1000

/**
 * A clock that is read once in a turn of the event loop, and again after 1,000 calls within a turn. Reading the time
 * costs as much as a whole cached `get`.
 */
export function turnClock(read: () => number, atEndOfTurn: (forget: () => void) => unknown): () => number {
  let now = 0
  let left = 0
  const forget = () => {
    left = 0
  }
  return () => {
    if (left > 0) {
      left--
      return now
    }
    left = READS
    atEndOfTurn(forget)
    now = read()
    return now
  }
}
