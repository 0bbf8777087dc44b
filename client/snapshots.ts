import { RegistryError } from '../api/contract/errors.ts'
import type { Sha256 } from './belief.ts'
import type { Cache, Entry } from './cache.ts'
import type { Attempt } from './errors.ts'
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
import type { LoadVerifier, Verifier } from './verification.ts'

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
  /** `undefined`: nothing is verified. */
  readonly loadVerifier: LoadVerifier | undefined
}

/** The last known good answers beside the process: read once at the start, written after changes. */
export interface Snapshots {
  /** Resolves when the files are read. Rejects only as `LoadVerifier` does. */
  readonly loaded: Promise<void>
  /** Answers that no signed set proves, by the key of their question. */
  readonly withheld: ReadonlyMap<string, Attempt>
  /** Writes the snapshot a second later. */
  changed(): void
  /** Writes pending changes. */
  flush(): Promise<void>
}

interface LoadedFile extends DecodedSnapshot {
  readonly file: string
}

export function createSnapshots(options: SnapshotsOptions): Snapshots {
  const { snapshotFile, bundleFile, cache, files, events, clock, setTimer, loadVerifier } = options
  const withheld = new Map<string, Attempt>()
  let verifier: Verifier | undefined
  let stop: (() => void) | undefined
  let writing = Promise.resolve()

  const loadAll = async () => {
    verifier = await loadVerifier?.()
    const paths = [bundleFile, snapshotFile].filter((file) => file !== undefined)
    const read: LoadedFile[] = []
    for (const file of paths) {
      const decoded = await readSnapshot(file, options)
      if (typeof decoded === 'string') events.emit({ type: 'snapshot_ignored', file, message: decoded })
      else read.push({ ...decoded, file })
    }
    // All proofs first, so that no file brings back an older set than the other has.
    const problems = read.map((one) => addProofs(one))
    for (const [n, one] of read.entries())
      try {
        await restore(one, problems[n])
      } catch {
        const message = 'It is damaged: it has an answer of another shape.'
        events.emit({ type: 'snapshot_ignored', file: one.file, message })
      }
  }
  const addProofs = ({ file, proofs }: LoadedFile): string | undefined => {
    const found = proofs.map((proof) => verifier?.add(proof)).filter((problem) => problem?.kind === 'invalid')
    const message = found[0]?.message
    if (message !== undefined) events.emit({ type: 'snapshot_ignored', file, message })
    return message
  }
  const restore = async ({ file, answers, isBundle }: LoadedFile, problem: string | undefined) => {
    const times = { toWallClock: options.now() - clock(), now: clock(), ttlMs: options.ttlMs }
    for (const one of answers) {
      const saved = isBundle ? inOwnMode(one, options.mode) : one
      const key = options.keyOf(saved.reference, saved.mode)
      const entry = await checked(restoredEntry(saved, key, times), saved, file, problem)
      const known = cache.entries.get(key)
      if (entry !== undefined && (known === undefined || known.at < entry.at)) cache.set(entry)
    }
  }
  /** `undefined` if it is withheld. */
  const checked = async (entry: Entry, { parts }: SavedAnswer, file: string, problem: string | undefined) => {
    if (verifier === undefined || entry.answer instanceof RegistryError) return entry
    const { question, tier } = entry
    const answer = await verifier.check(question, entry.answer, parts)
    if (typeof answer !== 'string') return { ...entry, answer }
    const message = `${file}: ${problem ?? answer}`
    withheld.set(question.key, { tier, code: 'unverified', message })
    events.emit({ type: 'unverified', reference: question.reference, mode: question.mode, message })
    return undefined
  }
  const write = async (file: string) => {
    const toWallClock = options.now() - clock()
    const answers = [...cache.entries.values()].flatMap(
      (entry) => savedAnswer(entry, toWallClock, verifier?.partsOf) ?? [],
    )
    try {
      await files.write(
        file,
        await encodeSnapshot(answers, options.registry, options.sha256, verifier?.proofs),
      )
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

  const loaded = loadAll()
  // Whoever waits for it handles the error.
  loaded.catch(() => {})
  return {
    loaded,
    withheld,
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
      ? { answers: [], isBundle: false, proofs: [] }
      : await decodeSnapshot(text, registry, sha256)
  } catch (error) {
    return `It cannot be read: ${error instanceof Error ? error.message : error}`
  }
}
