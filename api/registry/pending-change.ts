import type { AtomicChange } from '../store/atomic-change.ts'
import type { FoundVersions, PromptStore, VersionQuery } from '../store/prompt-store.ts'
import type { Snapshot, VersionRecord } from '../store/records.ts'

export interface PendingChange {
  /** Reads see the pending change. */
  readonly prompts: PromptStore
  /** The change that was kept instead of committed, or `null`. */
  readonly change: () => AtomicChange | null
}

/**
 * A store for operations on one prompt. If the prompt is new, it keeps the changes, to be committed as one. If the
 * prompt exists, it passes everything on.
 */
export function pendingChange(prompts: PromptStore): PendingChange {
  let isNew = false
  let pending: AtomicChange | null = null
  return {
    change: () => pending,
    prompts: {
      async snapshot(id) {
        if (pending !== null) return snapshotAfter(pending)
        const found = await prompts.snapshot(id)
        isNew = found === undefined
        return found
      },
      async find(id, query) {
        if (pending !== null) return findIn(pending, query)
        return isNew ? NOTHING : await prompts.find(id, query)
      },
      async commit(change) {
        if (!isNew) return await prompts.commit(change)
        pending = pending === null ? change : merged(pending, change)
        return true
      },
      content: (id, version) => prompts.content(id, version),
      frontMatter: (id, version) => prompts.frontMatter(id, version),
      file: (id, sha256) => prompts.file(id, sha256),
      purge: (id) => prompts.purge(id),
      page: (query) => prompts.page(query),
      check: () => prompts.check(),
    },
  }
}

/** A prompt that does not exist has no versions. */
const NOTHING: FoundVersions = { byName: new Map(), byIdentity: new Map(), sameContent: [] }

function merged(first: AtomicChange, second: AtomicChange): AtomicChange {
  const versions = [...first.versions, ...second.versions].map((one) => [one.version, one] as const)
  return {
    ...first,
    head: second.head,
    versions: [...new Map(versions).values()],
    names: [...first.names, ...second.names],
    events: [...first.events, ...second.events],
    // Both pointers are decided on the same one.
    ...(second.pointers && { pointers: second.pointers }),
  }
}

function snapshotAfter({ head, versions }: AtomicChange): Snapshot {
  const named = (name: string | null) => versions.find(({ version }) => version === name) ?? null
  return { head, stable: named(head.stable), latest: named(head.latest) }
}

function findIn(change: AtomicChange, query: VersionQuery): FoundVersions {
  const { names = [], identities = [], contents = [] } = query
  const { versions } = change
  const claims = new Map(change.names.map(({ key, version }) => [key, version]))
  const collect = (keys: readonly string[], find: (key: string) => VersionRecord | undefined) =>
    new Map(
      keys.flatMap((key) => {
        const found = find(key)
        return found === undefined ? [] : [[key, found] as const]
      }),
    )
  return {
    byName: collect(names, (key) => versions.find(({ version }) => version === claims.get(key))),
    byIdentity: collect(identities, (key) => versions.find(({ identity }) => identity === key)),
    sameContent: versions.filter(({ contentSha256 }) => contents.includes(contentSha256)),
  }
}
