import fc from '../fast-check.ts'
import type { Place } from './history.ts'
import { TEXTS, type TextName } from './texts.ts'

/**
 * Actions of teams on their repository, and of people on their prompts. Tags are selected by a number that counts
 * back.
 */

export const IDS = ['a', 'b', 'x/c'] as const
const PATHS = [
  'prompts/a.txt',
  'prompts/b.txt',
  'prompts/x/c.txt',
  'prompts/a.md',
  'prompts/b:d.txt',
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
  '4',
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
/** The next release above all others, as teams do; or one of a few, so that releases collide. */
const release = fc.oneof(
  { weight: 1, arbitrary: fc.constant('next' as const) },
  { weight: 1, arbitrary: fc.constantFrom(...RELEASES) },
)

export const repositorySteps = {
  commit: fc.record({
    do: fc.constant('commit' as const),
    changes: fc.dictionary(path, text, { minKeys: 1, maxKeys: 3 }),
    aside: fc.option(place, { nil: null, freq: 7 }),
  }),
  /** The daily work of teams: a change, and its release. */
  ship: fc.record({ do: fc.constant('ship' as const), id, text, of }),
  rename: fc.record({ do: fc.constant('rename' as const), from: path, to: path }),
  /** Moves all prompts to another folder, as declared by the repository itself. */
  moveLayout: fc.record({ do: fc.constant('moveLayout' as const) }),
  moveBranch: fc.record({
    do: fc.constant('moveBranch' as const),
    to: fc.record<Place>({ of: fc.constantFrom('branch', 'branch', 'all'), back: fc.nat({ max: 4 }) }),
  }),
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

export const personSteps = {
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
  revoke: fc.record({
    do: fc.constant('revoke' as const),
    id,
    which,
    scope: fc.constantFrom('content' as const, 'version' as const),
  }),
}

export const happening = fc.oneof(
  { weight: 16, arbitrary: repositorySteps.commit },
  { weight: 14, arbitrary: repositorySteps.ship },
  { weight: 2, arbitrary: repositorySteps.rename },
  { weight: 1, arbitrary: repositorySteps.moveLayout },
  { weight: 4, arbitrary: repositorySteps.moveBranch },
  { weight: 20, arbitrary: repositorySteps.tag },
  { weight: 3, arbitrary: repositorySteps.moveTag },
  { weight: 3, arbitrary: repositorySteps.deleteTag },
  { weight: 5, arbitrary: personSteps.rollback },
  { weight: 3, arbitrary: personSteps.hold },
  { weight: 1, arbitrary: personSteps.revoke },
)
