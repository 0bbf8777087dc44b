import type { Sha256 } from './belief.ts'
import type { Cache, Entry } from './cache.ts'
import type { Events } from './events.ts'
import type { TextFiles } from './host.ts'
import {
  type DecodedSnapshot,
  decodeSnapshot,
  encodeSnapshot,
  restoredEntry,
  type SavedAnswer,
  savedAnswer,
} from './snapshot.ts'
import type { SetTimer } from './transport/timer.ts'

/** Milliseconds from a change to the file that has it. */
const DEBOUNCE_MS = 1000

export interface SnapshotsOptions {
  readonly snapshotFile: string | undefined
  readonly bundleFile: string | undefined
  /** The addresses that answers come from. */
  readonly registry: string
  readonly ttlMs: number
  readonly mode: SavedAnswer['mode']
  readonly keyOf: (reference: string, mode: Entry['question']['mode']) => string
  readonly cache: Cache
  readonly files: TextFiles
  readonly sha256: Sha256
  readonly events: Events
  readonly clock: () => number
  readonly now: () => number
  readonly setTimer: SetTimer
}

/** The last known good answers beside the process: read once at the start, written after changes. */
export interface Snapshots {
  /** Resolves when the files are read. Never rejects. */
  readonly loaded: Promise<void>
  /** Writes the snapshot a second later. */
  changed(): void
  /** Writes pending changes. */
  flush(): Promise<void>
}

export function createSnapshots(options: SnapshotsOptions): Snapshots {
  const { snapshotFile, bundleFile, cache, files, events, clock, setTimer } = options
  let stop: (() => void) | undefined
  let writing = Promise.resolve()

  const load = async (file: string) => {
    const decoded = await readSnapshot(file, options)
    if (typeof decoded === 'string') return events.emit({ type: 'snapshot_ignored', file, message: decoded })
    const times = { toWallClock: options.now() - clock(), now: clock(), ttlMs: options.ttlMs }
    for (const one of decoded.answers) {
      const saved = decoded.isBundle ? inOwnMode(one, options.mode) : one
      const key = options.keyOf(saved.reference, saved.mode)
      const entry = restoredEntry(saved, key, times)
      const known = cache.entries.get(key)
      if (known === undefined || known.at < entry.at) cache.set(entry)
    }
  }
  const write = async (file: string) => {
    const toWallClock = options.now() - clock()
    const answers = [...cache.entries.values()].flatMap((entry) => savedAnswer(entry, toWallClock) ?? [])
    try {
      await files.write(file, await encodeSnapshot(answers, options.registry, options.sha256))
    } catch (error) {
      events.emit({
        type: 'snapshot_failed',
        file,
        message: error instanceof Error ? error.message : String(error),
      })
    }
  }
  const flush = () => {
    stop?.()
    if (stop === undefined || snapshotFile === undefined) return writing
    stop = undefined
    writing = writing.then(() => write(snapshotFile))
    return writing
  }

  const loads = [bundleFile, snapshotFile].filter((file) => file !== undefined)
  return {
    loaded: loads.reduce((before, file) => before.then(() => load(file)), Promise.resolve()),
    changed: () => {
      if (snapshotFile !== undefined) stop ??= setTimer(() => void flush(), DEBOUNCE_MS, { background: true })
    },
    flush,
  }
}

/** A bundle of production is also for a client without a mode, which the registry answers as for production. */
function inOwnMode(saved: SavedAnswer, own: SavedAnswer['mode']): SavedAnswer {
  return saved.mode === (own ?? 'production') ? { ...saved, mode: own } : saved
}

async function readSnapshot(
  file: string,
  { files, registry, sha256 }: SnapshotsOptions,
): Promise<DecodedSnapshot | string> {
  try {
    const text = await files.read(file)
    return text === undefined
      ? { answers: [], isBundle: false }
      : await decodeSnapshot(text, registry, sha256)
  } catch (error) {
    return `It cannot be read: ${error instanceof Error ? error.message : error}`
  }
}
