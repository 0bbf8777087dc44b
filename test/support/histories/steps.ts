import fc from '../fast-check.ts'
import { happening, type personSteps, type repositorySteps } from './happenings.ts'
import type { Trouble } from './trouble.ts'

type Of<A> = A extends fc.Arbitrary<infer T> ? T : never

const writer = fc.constantFrom('first', 'second')
const pass = fc.record({
  do: fc.constant('pass' as const),
  writer,
  force: fc.constantFrom(false, false, false, true),
})
const wait = fc.record({
  do: fc.constant('wait' as const),
  /** Milliseconds. */
  ms: fc.constantFrom<number[]>(1_000, 30_000, 120_000),
})

const trouble = fc.record<Trouble>({
  what: fc.constantFrom('kill', 'failure', 'meanwhile'),
  at: fc.oneof(
    fc.constantFrom<Trouble['at'][]>('listRefs', 'open', 'lease', 'recordSource', 'batch', 'batch'),
    fc.nat({ max: 16 }),
  ),
  after: fc.boolean(),
})
/** The other writer acts meanwhile: perhaps a pass, perhaps after the first one's lease expired. */
const interlude = fc.oneof(
  fc.constant([] as const),
  fc.tuple(pass),
  fc.tuple(fc.constant({ do: 'wait', ms: 120_000 } as const), pass),
)
/** A pass with something to do, and events during or after it. */
const disturbed = fc.record({
  do: fc.constant('disturbedPass' as const),
  before: fc.array(happening, { minLength: 1, maxLength: 3, size: 'max' }),
  writer,
  trouble,
  meanwhile: fc
    .tuple(fc.array(happening, { maxLength: 3, size: 'max' }), interlude)
    .map(([happenings, others]) => [...happenings, ...others]),
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
  /** For the first twenty minutes of an hour. */
  freeze: fc.constantFrom([], [], [{ cron: '0 * * * *', duration: '20m' }]),
  massChange: fc.constantFrom(false, false, { share: 0.5, least: 2 } as const),
})

export type Step = Of<typeof step>
export type Setting = Of<typeof setting>
export type PersonStep = Of<(typeof personSteps)[keyof typeof personSteps]>
export type RepositoryStep = Of<(typeof repositorySteps)[keyof typeof repositorySteps]>
