import { expect, test } from 'vitest'
import type { AuditRow } from '../../../api/contract/audit/audit-row.ts'
import { AuditTrail } from '../../../api/contract/audit/audit-trail.ts'
import { type ErrorCode, RegistryError } from '../../../api/contract/errors.ts'
import type {
  BatchAnswer,
  BatchOperation,
  EventDocument,
  RegistryApi,
} from '../../../api/contract/registry-api.ts'
import fc, { runs } from '../../support/fast-check.ts'
import { makeRegistry, outcome, type TestRegistry } from '../../support/registry.ts'

const IDS = ['a', 'b'] as const
const SOURCES = ['git', 'other'] as const
const id = fc.constantFrom(...IDS)
const text = fc.constantFrom('one', 'two', 'three')
const which = fc.nat({ max: 4 })

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('release' as const),
      id,
      text,
      source: fc.constantFrom(...SOURCES, 'git' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('promote' as const), id, which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rollback' as const), id }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('revoke' as const),
      id,
      which,
      scope: fc.constantFrom('content' as const, 'version' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('push' as const), id, text }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'hold' as const,
        'unhold' as const,
        'archive' as const,
        'retire' as const,
        'heal' as const,
      ),
      id,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('transfer' as const), id, source: fc.constantFrom(...SOURCES) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** The stable version of each prompt. */
type Serving = Readonly<Record<string, string | null>>

async function act({ admin }: TestRegistry, step: Step, minor: number): Promise<unknown> {
  const versions = async (prompt: string) => (await admin.versions(prompt)).versions
  switch (step.do) {
    case 'release': {
      const { id, source } = step
      const { version } = await admin.push({ prompt_id: id, content: step.text, origin: { source } })
      const release_tag = { tag: `v1.${minor}.0`, commit: 'c'.repeat(40) }
      return await admin.promote(id, { version, alias: `1.${minor}.0`, source, release_tag })
    }
    case 'push':
      return await admin.push({ prompt_id: step.id, content: step.text, override: true })
    case 'promote': {
      const all = await versions(step.id)
      const { version = '' } = all[step.which % all.length] ?? {}
      return await admin.promote(step.id, { version, override: true })
    }
    case 'revoke': {
      const all = await versions(step.id)
      const { version = '' } = all[step.which % all.length] ?? {}
      return await admin.revoke(step.id, { version, scope: step.scope })
    }
    case 'rollback':
      return await admin.rollback(step.id, { hold: 'none' })
    case 'hold':
      return await admin.hold(step.id, {})
    case 'unhold':
      return await admin.unhold(step.id, {})
    case 'transfer':
      return await admin.transfer(step.id, { source: step.source, create: true })
    case 'forget':
      return await admin.forget('other', { delete: true })
    default:
      return await done(admin.batch({ operations: [await operationOf(admin, step.do, step.id, minor)] }))
  }
}

async function operationOf(
  api: RegistryApi,
  op: 'archive' | 'retire' | 'heal',
  prompt_id: string,
  minor: number,
): Promise<BatchOperation> {
  const row = (await api.list({ prefix: prompt_id })).prompts[0]
  const source = row?.source ?? 'git'
  if (op === 'archive') return { op, prompt_id, source, archived: true }
  if (op === 'retire') return { op, prompt_id, source, release: `1.${minor}.0` }
  const { versions } = await api.versions(prompt_id)
  const released = versions.find(({ aliases }) => aliases.length > 0)
  const [release = '1.0.0'] = released?.aliases ?? []
  const version = released?.version ?? 'none'
  const identity = released?.identity ?? 'f'.repeat(64)
  return { op, prompt_id, source, stable: { version, identity, release } }
}

/** A batch refuses an operation in its outcome. */
async function done(batch: Promise<BatchAnswer>): Promise<void> {
  const [first] = (await batch).outcomes
  if (first?.ok === false) throw new RegistryError(first.code as ErrorCode, first.error)
}

async function servingNow({ admin }: TestRegistry): Promise<Serving> {
  const { prompts } = await admin.list({ limit: 1000 })
  return Object.fromEntries(prompts.map(({ prompt_id, stable }) => [prompt_id, stable]))
}

async function feedOf(api: RegistryApi): Promise<EventDocument[]> {
  const events: EventDocument[] = []
  let page = await api.feed({ limit: 7 })
  events.push(...page.events)
  while (page.more && page.next_cursor !== null) {
    page = await api.feed({ limit: 7, cursor: page.next_cursor })
    events.push(...page.events)
  }
  return events
}

function rowsOf(events: readonly EventDocument[]): readonly AuditRow[] {
  const trail = new AuditTrail('test')
  for (const event of events) trail.add(event)
  return trail.rows()
}

/** By prompt, what served at a time according to the rows. */
function servedAt(rows: readonly AuditRow[], at: string): Serving {
  const then = rows.filter(
    ({ served_from, served_until }) =>
      (served_from ?? '') <= at && (served_until === null || served_until > at),
  )
  expect(new Set(then.map(({ prompt_id }) => prompt_id)).size, 'one version serves at a time').toBe(
    then.length,
  )
  return Object.fromEntries(then.map(({ prompt_id, version }) => [prompt_id, version]))
}

test('after any history, the audit has what was stable at each time, and nothing else', async () => {
  const done = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.nat(), async (steps, repeated) => {
      const registry = makeRegistry()
      const observed: { readonly at: string; readonly serving: Serving }[] = []
      for (const [index, one] of steps.entries()) {
        registry.clock.now += 1000
        const result = await outcome(act(registry, one, index))
        if (result === 'done') done.set(one.do, (done.get(one.do) ?? 0) + 1)
        observed.push({ at: new Date(registry.clock.now).toISOString(), serving: await servingNow(registry) })
      }
      const events = await feedOf(registry.admin)
      const rows = rowsOf(events)
      for (const { at, serving } of observed) {
        const expected = Object.fromEntries(Object.entries(serving).filter(([, stable]) => stable !== null))
        expect(servedAt(rows, at)).toEqual(expected)
      }
      for (const { stopped, served_until } of rows) expect(stopped === null).toBe(served_until === null)
      const again = events.slice(repeated % (events.length + 1))
      expect(rowsOf([...events, ...again])).toEqual(rows)
      registry.close()
    }),
    { numRuns: runs(60) },
  )
  const kinds = [
    'release',
    'promote',
    'revoke',
    'rollback',
    'hold',
    'transfer',
    'forget',
    'archive',
    'retire',
    'heal',
  ]
  for (const kind of kinds) expect(done.get(kind) ?? 0, `${kind} happens`).toBeGreaterThan(0)
})
