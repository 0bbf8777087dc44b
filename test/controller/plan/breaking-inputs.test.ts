import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makePlanner, type Planner, plannerOn, summaryOf } from '../../support/planned-world.ts'
import { makeRegistry, type TestRegistry, type TestRegistryOptions } from '../../support/registry.ts'
import { scratchFolder } from '../../support/scratch.ts'

const file = (variables: string, text = 'Hi') => `---\nvariables: ${variables}\n---\n${text}\n`
const BEFORE = file('[who, tone]')
const AFTER = file('[who]')

const release = (name: string, text: string) => ({ id: 'p', text, release: name })

async function settled(planner: Planner, text = BEFORE, name = '1.2.0'): Promise<Planner> {
  await planner.sync({ releases: [release(name, text)] })
  return planner
}

function opened(options: TestRegistryOptions): TestRegistry {
  const registry = makeRegistry(options)
  onTestFinished(() => registry.close())
  return registry
}

const enforcing = () => plannerOn(opened({ settings: { inputs: 'enforce' } }))

const findings = async (
  planner: Planner,
  releases: ReturnType<typeof release>[],
  kind?: 'changes' | 'full',
) => (await planner.plan({ releases, ...(kind !== undefined && { kind }) })).findings

describe('a release that breaks callers', () => {
  it('in a smaller step than major is promoted, with a notice that names the input', async () => {
    const planner = await settled(makePlanner())
    const plan = await planner.plan({ kind: 'changes', releases: [release('1.3.0', AFTER)] })
    expect(summaryOf(plan)).toMatchObject({
      current: [`push p ${AFTER}`, 'promote p 1.3.0'],
      findings: ['breaking_inputs p'],
    })
    expect(plan.findings[0]).toEqual({
      code: 'breaking_inputs',
      subject: { kind: 'prompt', name: 'p' },
      message:
        'Release 1.3.0 of "p" breaks callers of 1.2.0: "tone" was removed or renamed. Release such a change as 2.0.0.',
      details: { release: '1.3.0', from: '1.2.0', inputs: ['tone'] },
    })
  })

  it('keeps its notice in later full passes, until a release without one', async () => {
    const planner = await settled(makePlanner())
    const both = [release('1.2.0', BEFORE), release('1.3.0', AFTER)]
    const [first] = await findings(planner, [release('1.3.0', AFTER)], 'changes')
    await planner.sync({ releases: both })
    expect(await findings(planner, both, 'full')).toEqual([first])
    const fixed = [...both, release('1.3.1', file('[who]', 'Hello'))]
    expect(await findings(planner, fixed, 'full')).toEqual([])
    await planner.sync({ releases: fixed })
    expect(await findings(planner, fixed, 'full')).toEqual([])
  })

  it.each([
    ['in a major release', '1.2.0', '2.0.0', 0],
    ['in a minor release below 1.0.0', '0.2.0', '0.3.0', 0],
    ['in a patch below 1.0.0', '0.2.0', '0.2.1', 1],
  ])('%s has this number of notices', async (_, from, to, count) => {
    const planner = await settled(makePlanner(), BEFORE, from)
    expect(await findings(planner, [release(to, AFTER)], 'changes')).toHaveLength(count)
  })

  it('has no notice if a version declares no inputs, or only optional ones come', async () => {
    const plain = await settled(makePlanner(), 'Hi')
    expect(await findings(plain, [release('1.3.0', AFTER)], 'changes')).toEqual([])
    const planner = await settled(makePlanner())
    expect(await findings(planner, [release('1.3.0', 'Hi')], 'changes')).toEqual([])
    expect(await findings(planner, [release('1.3.0', file('[who, tone, size?]'))], 'changes')).toEqual([])
  })

  it('waits if the registry enforces inputs, and its version stays a draft', async () => {
    const planner = await settled(enforcing())
    const world = { kind: 'changes' as const, releases: [release('1.3.0', AFTER)] }
    const plan = await planner.plan(world)
    expect(summaryOf(plan)).toMatchObject({
      current: [`push p ${AFTER}`, 'name p 1.3.0 waits'],
      findings: ['held p'],
    })
    expect(plan.findings[0]?.message).toBe(
      'Release 1.3.0 of "p" breaks callers of 1.2.0: "tone" was removed or renamed. It waits: release it as 2.0.0, restore the inputs, or let it through: promptctl promote p 1.3.0 --override --allow-breaking-inputs',
    )
    expect((await planner.carryOut(plan)).map(({ kind }) => kind)).toEqual(['done', 'done'])
    expect((await planner.source.resolve('p')).release).toBe('1.2.0')
    // The next pass holds it again, with nothing left to change.
    expect(summaryOf(await planner.plan(world))).toMatchObject({ current: [], findings: ['held p'] })
    const major = [...world.releases, release('2.0.0', AFTER)]
    await planner.sync({ kind: 'changes', releases: major })
    expect((await planner.source.resolve('p')).release).toBe('2.0.0')
  })

  it('that a person let through stays promoted', async () => {
    const planner = await settled(enforcing())
    const releases = [release('1.2.0', BEFORE), release('1.3.0', AFTER)]
    await planner.sync({ releases })
    await planner.admin.promote('p', {
      ...{ version: '1.3.0', alias: '1.3.0', override: true, allow_breaking_inputs: true },
    })
    await planner.admin.unhold('p', {})
    const plan = await planner.plan({ kind: 'full', releases })
    expect(summaryOf(plan)).toMatchObject({ current: [], findings: ['breaking_inputs p'] })
    expect((await planner.source.resolve('p')).release).toBe('1.3.0')
  })

  it('that was planned before the registry enforced inputs only names its version', async () => {
    const file = join(await scratchFolder(), 'registry.db')
    const planner = await settled(plannerOn(opened({ file, name: 'lenient' })))
    const plan = await planner.plan({ kind: 'changes', releases: [release('1.3.0', AFTER)] })
    const strict = plannerOn(opened({ file, name: 'strict', settings: { inputs: 'enforce' } }))
    const outcomes = await strict.carryOut(plan)
    expect(outcomes.map(({ kind, code }) => [kind, code])).toContainEqual(['held', 'breaking_inputs'])
    expect((await strict.source.resolve('p')).release).toBe('1.2.0')
    const { versions } = await strict.source.versions('p')
    expect(versions.find(({ aliases }) => aliases.includes('1.3.0'))?.status).toBe('draft')
  })
})
