/**
 * Preloaded by the registry's functions: timers of half a second or more take ten times as long. Each call to AWS has
 * a deadline, which fits AWS. The emulator copies the whole table for each row of a transaction, and on a busy machine
 * that takes longer.
 */
const original = globalThis.setTimeout

const longer = (run: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) =>
  original(run, ms < 500 ? ms : ms * 10, ...given)

// The original has more: `util.promisify` asks for it.
globalThis.setTimeout = Object.assign(longer, original)
