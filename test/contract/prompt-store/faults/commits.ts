import type { AtomicChange } from '../../../../api/store/atomic-change.ts'
import type { VersionRecord } from '../../../../api/store/records.ts'
import { committing, forcing, type PromptFault } from './spoiling.ts'

const OLD = 'refuses a change that was decided on an older revision, and writes nothing of it'
const TOGETHER = 'writes head, versions, names, text and events of one change together'

export const commits: readonly PromptFault[] = [
  ...Object.entries({
    events: { events: [] },
    names: { names: [] },
    text: { content: null },
  }).map(([part, nothing]) => ({
    name: `writes the head without the ${part}`,
    caught: TOGETHER,
    spoil: committing((change) => ({ ...change, ...nothing })),
  })),
  {
    name: 'writes only the last version of a change',
    caught: TOGETHER,
    spoil: committing((change) => ({ ...change, versions: change.versions.slice(0, 1) })),
  },
  {
    name: 'writes the first event of a change only',
    caught: TOGETHER,
    spoil: committing((change) => ({ ...change, events: change.events.slice(0, 1) })),
  },
  {
    name: 'does not look at the expected revision',
    caught: OLD,
    spoil: forcing(() => true),
  },
  {
    name: 'says no, but keeps the names',
    caught: OLD,
    spoil: (right) => ({
      async commit(change) {
        const done = await right.commit(change)
        const head = done ? undefined : (await right.snapshot(change.promptId))?.head
        if (head !== undefined) {
          const { revision: expectedRevision } = head
          await right.commit({ ...change, expectedRevision, head, content: null, events: [] })
        }
        return done
      },
    }),
  },
  {
    name: 'overwrites a prompt that is there with a new one',
    caught: 'refuses a new prompt where one is there already, and writes nothing of it',
    spoil: forcing((change) => change.expectedRevision === 0),
  },
  {
    name: 'takes an id in another case for a new prompt',
    caught: 'refuses a new prompt whose id differs from one that is there only by case',
    spoil: (right) => {
      const written = new Map<string, AtomicChange>()
      return {
        async commit(change) {
          const first = written.get(change.promptId) === undefined && change.expectedRevision === 0
          written.set(change.promptId, change)
          return (await right.commit(change)) || first
        },
      }
    },
  },
  {
    name: 'makes the prompt that a change misses',
    caught: 'refuses a change of a prompt that is not there, and writes nothing of it',
    spoil: forcing((_, there) => there === 0),
  },
  {
    name: 'only refuses revisions that are too low',
    caught: 'refuses a change that was decided on a later revision than there is',
    spoil: forcing((change, there) => there > 0 && change.expectedRevision > there),
  },
  {
    name: 'tells everybody that they won',
    caught: 'lets exactly one of many changes of the same revision win',
    spoil: (right) => ({ commit: async (change) => (await right.commit(change)) || true }),
  },
  {
    name: 'checks the revision and writes a moment later',
    caught: 'lets exactly one of many changes of the same revision win',
    spoil: (right) => ({
      async commit(change) {
        const there = (await right.snapshot(change.promptId))?.head.revision ?? 0
        if (there !== change.expectedRevision) return false
        await new Promise(setImmediate)
        const now = (await right.snapshot(change.promptId))?.head.revision ?? 0
        await right.commit({ ...change, expectedRevision: now, events: now === there ? change.events : [] })
        return true
      },
    }),
  },
  {
    name: 'lets the last new prompt win',
    caught: 'lets exactly one of many new prompts of one id win',
    spoil: (right) => ({ commit: async (change) => (await right.commit(change)) || !change.head.stable }),
  },
  {
    name: 'keeps fields of a version that its replacement lacks',
    caught: 'replaces a version whole',
    spoil: (right) => ({
      async commit(change) {
        const latest = (await right.snapshot(change.promptId))?.latest
        const versions = change.versions.map((version) => {
          const set = Object.entries(version).filter(([, value]) => value !== null)
          return version.version === latest?.version ? { ...latest, ...Object.fromEntries(set) } : version
        })
        return await right.commit({ ...change, versions: versions as VersionRecord[] })
      },
    }),
  },
  {
    name: 'finds by text in every prompt below',
    caught: 'keeps prompts apart that have the same labels, names and texts',
    spoil: (right) => ({
      async find(id, query) {
        const [own, above] = [await right.find(id, query), await right.find(id.split('/')[0] ?? id, query)]
        return { ...own, sameContent: [...new Set([...above.sameContent, ...own.sameContent])] }
      },
    }),
  },
]
