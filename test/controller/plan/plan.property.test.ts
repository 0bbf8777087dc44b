import { describe, expect, it } from 'vitest'
import { compareReleases } from '../../../api/contract/release.ts'
import type { PlannedChange, RefusedChange } from '../../../controller/plan/changes.ts'
import type { ChangeOutcome } from '../../../controller/plan/outcomes.ts'
import { changesOf, type Plan, type PlanSettings } from '../../../controller/plan/plan.ts'
import fc, { runs } from '../../support/fast-check.ts'
import { COMMIT } from '../../support/planned-source.ts'
import { changeTexts, type Planner, plannerOn, summaryOf, type World } from '../../support/planned-world.ts'
import { makeRegistry, outcome } from '../../support/registry.ts'

/** Texts to choose from. Two pairs differ only in what the model does not get, and two texts share their label. */
const TEXT = fc.constantFrom(
  ...['a', 'b', '---\ndescription: d\n---\na', '---\n# note\n---\nb', '---\nmodel: m\n---\na'],
  ...['Be kind. 10663093\n', 'Be kind. 16472189\n'],
)
const ID = fc.constantFrom('p', 'q')
const NAME = fc.constantFrom('1.0.0', '1.1.0', '1.1.0-rc.1', '2.0.0', '2.0.0+x', '3.0.0-rc.1')

/** A step: another state of git, or an action of a person. */
type Step =
  | { readonly do: 'git'; readonly world: World; readonly settings: Partial<PlanSettings> }
  | {
      readonly do: 'hold' | 'unhold' | 'rollback' | 'revoke' | 'promote' | 'push' | 'name' | 'transfer'
      readonly id: string
      readonly which: number
      readonly text: string
    }

const releases = fc.array(fc.record({ id: ID, text: TEXT, release: NAME }), { maxLength: 6 })
const world = fc
  .record({
    kind: fc.constantFrom('first' as const, 'full' as const, 'full' as const, 'changes' as const),
    drafts: fc.dictionary(ID, TEXT, { maxKeys: 2 }),
    releases,
    branchIds: fc.subarray(['p', 'q']),
    newest: fc.option(
      fc.record({
        tag: fc.constant('whole'),
        release: fc.constantFrom('1.0.0', '2.0.0', '3.0.0'),
        commit: fc.constant(COMMIT),
        ids: fc.subarray(['p', 'q']).map((ids) => new Set(ids)),
      }),
    ),
  })
  .map((one): World => one)
const settings = fc.record({
  prereleases: fc.boolean(),
  prune: fc.boolean(),
  drift: fc.constantFrom('report' as const, 'heal' as const),
  frozenUntil: fc.option(fc.constant('2026-03-02T05:00:00.000Z'), { freq: 4 }),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant('git' as const), world, settings }), weight: 2 },
  fc.record({
    do: fc.constantFrom('hold', 'unhold', 'rollback', 'revoke', 'promote', 'push', 'name', 'transfer'),
    id: ID,
    which: fc.nat(9),
    text: TEXT,
  }),
)

function withDraftsOnBranch({ drafts = {}, branchIds = [], ...rest }: World): World {
  return { ...rest, drafts, branchIds: [...new Set([...branchIds, ...Object.keys(drafts)])] }
}

async function act({ admin }: Planner, { do: what, id, which, text }: Exclude<Step, { do: 'git' }>) {
  const { versions } = await admin.versions(id).catch(() => ({ versions: [] }))
  const version = versions[which % versions.length]?.version
  const override = true
  switch (what) {
    case 'hold':
    case 'unhold':
      return await outcome(admin[what](id, {}))
    case 'rollback':
      return await outcome(admin.rollback(id, { hold: which % 2 === 0 ? 'until_release' : 'none' }))
    case 'push':
      return await outcome(admin.push({ prompt_id: id, content: text, override }))
    case 'transfer':
      return await outcome(admin.transfer(id, { source: which % 3 === 0 ? 'other' : 'demo', create: true }))
    default:
      break
  }
  if (version === undefined) return 'nothing there'
  if (what === 'revoke') {
    const scope = which % 2 === 0 ? 'content' : 'version'
    return await outcome(admin.revoke(id, { version, scope }))
  }
  if (what === 'promote') return await outcome(admin.promote(id, { version, override }))
  return await outcome(admin.addAlias(id, { version, alias: '1.1.0', override }))
}

/** Tries the changes that the plan leaves out. The registry must refuse them too. */
async function expectRefused(planner: Planner, plan: Plan, refused: RefusedChange): Promise<void> {
  const { change, code } = refused
  const only = { ...plan, current: [{ id: change.id, changes: [change] }], backfill: [] }
  const [tried] = await planner.carryOut(only)
  expect(tried?.kind, `${change.do} ${change.id}`).toBe('refused')
  // A name needs a version, which the plan did not push.
  if (tried?.code !== 'not_found') expect(tried?.code).toBe(code)
}

/** The registry must refuse a promotion that waits for a hold. */
async function expectHeld(planner: Planner, made: readonly ChangeOutcome[], plan: Plan): Promise<void> {
  const held = new Set(
    plan.findings.flatMap(({ code, subject, details }) =>
      code === 'held' && details?.by !== 'freeze' ? [subject.name] : [],
    ),
  )
  for (const { change } of made) {
    if (change.do !== 'name' || change.standing !== 'waits' || !held.has(change.id)) continue
    const { id, version, identity, release: alias } = change
    const newest = changesOf(plan).find((one) => one.do === 'name' && one.id === id)
    if (newest !== change) continue
    const tried = planner.source.promote(id, { version, identity, alias, source: 'demo' })
    expect(await outcome(tried), `promote ${id} ${alias}`).toBe('held')
  }
}

describe('any plan', () => {
  it('matches its outcome exactly, refusals and holds included, and leaves nothing to do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const registry = makeRegistry()
        try {
          const planner = plannerOn(registry)
          for (const one of steps) {
            if (one.do !== 'git') {
              await act(planner, one)
              continue
            }
            const wanted = withDraftsOnBranch(one.world)
            const plan = await planner.plan(wanted, one.settings)
            const outcomes = await planner.carryOut(plan)
            const done = outcomes.filter(({ kind }) => kind === 'done').map(({ change }) => change)
            expect(textsOf(done), 'outcomes').toEqual(textsOf(changesOf(plan)))
            expect(outcomes).toHaveLength(done.length)
            for (const refused of plan.refused) await expectRefused(planner, plan, refused)
            await expectHeld(planner, outcomes, plan)

            const again = { ...wanted, kind: 'full', releases: wanted.releases?.map(asKnown) ?? [] } as const
            const second = await planner.plan(again, one.settings)
            if (one.world.kind === 'changes' && [...second.current].some(isHealing)) continue
            expect(summaryOf(second), 'a second plan').toMatchObject({ current: [], backfill: [] })
            const lasting = (all: Plan) =>
              summaryOf(all).findings.filter((finding) => !/^(tag_lower|drifted)/.test(finding))
            expect(lasting(second)).toEqual(lasting(plan))
          }
        } finally {
          registry.close()
        }
      }),
      { numRuns: runs(100) },
    )
  })

  it('never lowers the highest release', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(world, { maxLength: 4 }), settings, async (worlds, chosen) => {
        const registry = makeRegistry()
        try {
          const planner = plannerOn(registry)
          const highest = async () =>
            (await planner.source.list({ prefix: 'p' })).prompts[0]?.highest_release ?? null
          for (const one of worlds) {
            const before = await highest()
            await planner.sync(withDraftsOnBranch(one), chosen)
            const now = await highest()
            if (before !== null) expect(compareReleases(now ?? '0.0.0', before)).toBeGreaterThanOrEqual(0)
          }
        } finally {
          registry.close()
        }
      }),
    )
  })
})

function asKnown<T>(release: T): T & { readonly isNew: false } {
  return { ...release, isNew: false }
}

/** Only a full pass sees drift. */
function isHealing({ changes }: { readonly changes: readonly PlannedChange[] }): boolean {
  return changes.some((change) => change.do === 'heal')
}

function textsOf(changes: readonly PlannedChange[]): string[] {
  return changes.flatMap((change) => changeTexts([{ id: change.id, changes: [change] }])).sort()
}
