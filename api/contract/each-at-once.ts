/**
 * Runs `work` on each item in the order given, at most `most` at a time. Rejects with the first failure; what was not
 * begun by then is not begun.
 */
export async function eachAtOnce<T>(
  most: number,
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // A generator, unlike an array's iterator, ends for all loops over it when one of them fails.
  const waiting = (function* () {
    yield* items
  })()
  const worker = async () => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: most }, worker))
}
