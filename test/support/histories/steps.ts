import fc from 'fast-check'
import type { Place } from './history.ts'
import { TEXTS, type TextName } from './texts.ts'
import type { Trouble } from './trouble.ts'

/** What may happen. Commits and tags are told by a number that counts back, round and round. */

export const IDS = ['a', 'b', 'x/c'] as const
const PATHS = [
  'prompts/a.txt',
  'prompts/b.txt',
  'prompts/x/c.txt',
  'prompts/a.md',
  'prompts/b d.txt',
  'notes.txt',
]
const RELEASES = [
  '0.9.0',
  '1.0.0',
  '1.0.0+b',
  '1.1.0-rc.1',
  '1.1.0',
  '1.2.0',
  '1.10.0',
  '2.0.0',
  '9.0.0-rc.1',
  '1.3',
]

const path = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...PATHS.slice(0, 3)) },
  { weight: 1, arbitrary: fc.constantFrom(...PATHS.slice(3)) },
)
const text = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<TextName[]>('one', 'two', 'three', 'four', 'five') },
  { weight: 2, arbitrary: fc.constantFrom(...(Object.keys(TEXTS) as TextName[])) },
  { weight: 1, arbitrary: fc.constant(null) },
)
const which = fc.nat({ max: 6 })
const recent = fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 3)
const place = fc.record<Place>({
  of: fc.constantFrom('branch', 'branch', 'branch', 'branch', 'all'),
  back: recent,
})
const id = fc.constantFrom(...IDS, 'a' as const)
const of = fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 2, arbitrary: id })
/** The next one above all, as teams release; or one of a few, so that they meet. */
const release = fc.oneof(
  { weight: 1, arbitrary: fc.constant('next' as const) },
  { weight: 1, arbitrary: fc.constantFrom(...RELEASES) },
)

const repositorySteps = {
  commit: fc.record({
    do: fc.constant('commit' as const),
    changes: fc.dictionary(path, text, { minKeys: 1, maxKeys: 3 }),
    aside: fc.option(place, { nil: null, freq: 7 }),
  }),
  /** What teams do all day: a change, and a release of it. */
  ship: fc.record({ do: fc.constant('ship' as const), id, text, of }),
  rename: fc.record({ do: fc.constant('rename' as const), from: path, to: path }),
  moveBranch: fc.record({ do: fc.constant('moveBranch' as const), to: place }),
  tag: fc.record({
    do: fc.constant('tag' as const),
    of,
    release,
    slash: fc.boolean(),
    at: place,
    annotated: fc.boolean(),
  }),
  moveTag: fc.record({ do: fc.constant('moveTag' as const), which: recent, at: place }),
  deleteTag: fc.record({ do: fc.constant('deleteTag' as const), which: recent }),
}

const personSteps = {
  rollback: fc.record({
    do: fc.constant('rollback' as const),
    id,
    hold: fc.constantFrom(
      'until_release' as const,
      'until_release' as const,
      'until_lifted' as const,
      'none' as const,
    ),
  }),
  hold: fc.record({ do: fc.constantFrom('hold' as const, 'unhold' as const, 'unhold' as const), id }),
  revoke: fc.record({ do: fc.constant('revoke' as const), id, which }),
}

const writer = fc.constantFrom('first', 'second')
const pass = fc.record({
  do: fc.constant('pass' as const),
  writer,
  force: fc.constantFrom(false, false, false, true),
})
const wait = fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 30_000, 120_000) })

const happening = fc.oneof(
  { weight: 16, arbitrary: repositorySteps.commit },
  { weight: 14, arbitrary: repositorySteps.ship },
  { weight: 2, arbitrary: repositorySteps.rename },
  { weight: 2, arbitrary: repositorySteps.moveBranch },
  { weight: 20, arbitrary: repositorySteps.tag },
  { weight: 3, arbitrary: repositorySteps.moveTag },
  { weight: 3, arbitrary: repositorySteps.deleteTag },
  { weight: 5, arbitrary: personSteps.rollback },
  { weight: 3, arbitrary: personSteps.hold },
  { weight: 1, arbitrary: personSteps.revoke },
)

const trouble = fc.record<Trouble>({
  what: fc.constantFrom('kill', 'failure', 'meanwhile'),
  at: fc.oneof(
    fc.constantFrom<Trouble['at'][]>('listRefs', 'open', 'lease', 'recordSource', 'batch'),
    fc.nat({ max: 16 }),
  ),
  after: fc.boolean(),
})
/** A pass that has something to do, and what goes on while it runs, or after it. */
const disturbed = fc.record({
  do: fc.constant('disturbedPass' as const),
  before: fc.array(happening, { minLength: 1, maxLength: 3, size: 'max' }),
  writer,
  trouble,
  meanwhile: fc.array(
    fc.oneof(
      { weight: 3, arbitrary: happening },
      { weight: 2, arbitrary: pass },
      // The longest outlives a lease.
      { weight: 1, arbitrary: wait },
    ),
    { maxLength: 4, size: 'max' },
  ),
})
const configure = fc.record({
  do: fc.constant('configure' as const),
  backfill: fc.constantFrom(0, 1, 2, 20),
  requireReachable: fc.boolean(),
})
const settle = fc.record({ do: fc.constant('settle' as const) })

export const step = fc.oneof(
  { weight: 16, arbitrary: happening },
  { weight: 8, arbitrary: pass },
  { weight: 8, arbitrary: disturbed },
  { weight: 2, arbitrary: wait },
  { weight: 1, arbitrary: configure },
  { weight: 2, arbitrary: settle },
)

export const setting = fc.record({
  backfill: fc.constantFrom(0, 1, 2, 20, 20),
  prereleases: fc.boolean(),
  requireReachable: fc.constantFrom(true, true, false),
  prune: fc.constantFrom(false, false, true),
})

export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
export type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never
export type PersonStep = Extract<Step, { do: 'rollback' | 'hold' | 'unhold' | 'revoke' }>
export type RepositoryStep = Extract<Step, { do: keyof typeof repositorySteps }>
