import { describe, expect, it } from 'vitest'
import type { PlanSettings } from '../../../controller/plan/plan.ts'
import { COMMIT } from '../../support/planned-source.ts'
import { makePlanner, type Planner, summaryOf, versionOf, type World } from '../../support/planned-world.ts'

const NOTHING = { current: [], backfill: [], refused: [], findings: [] }

async function planned(planner: Planner, world: World, settings: Partial<PlanSettings> = {}) {
  return summaryOf(await planner.plan(world, settings))
}

const release = (text: string, name: string, tag?: string) => ({
  id: 'p',
  text,
  release: name,
  ...(tag !== undefined && { tag }),
})

/** A registry with the prompt `p`: the draft `b`, and release 1.0.0 with the text `a`. */
async function settled(): Promise<Planner> {
  const planner = makePlanner()
  await planner.sync({ drafts: { p: 'b' }, releases: [release('a', '1.0.0')] })
  return planner
}

const labelOf = async (text: string) => (await versionOf('p', text)).version

describe('a plan of a first sync', () => {
  it('pushes and promotes the newest release, then pushes the draft, then adds the older releases', async () => {
    const releases = [release('a', '1.0.0'), release('b', '1.1.0'), release('c', '1.2.0')]
    expect(await planned(makePlanner(), { drafts: { p: 'd' }, releases })).toEqual({
      ...NOTHING,
      current: ['push p c', 'promote p 1.2.0', 'push p d latest'],
      backfill: ['push p b', 'name p 1.1.0', 'push p a', 'name p 1.0.0'],
    })
  })

  it('pushes a version once, and as the latest if the branch has it', async () => {
    const releases = [
      ...[release('a', '1.2.0'), release('b', '1.1.0')],
      ...[release('a', '1.0.0'), release('b', '0.9.0')],
    ]
    expect(await planned(makePlanner(), { drafts: { p: 'a' }, releases })).toMatchObject({
      current: ['push p a latest', 'promote p 1.2.0'],
      backfill: ['push p b', 'name p 1.1.0', 'name p 1.0.0', 'name p 0.9.0'],
    })
  })

  it('lists prompts by id, including those without a draft', async () => {
    const world = { drafts: { c: 'x', b: 'x' }, releases: [{ id: 'a', text: 'x', release: '1.0.0' }] }
    expect((await planned(makePlanner(), world)).current).toEqual([
      'push a x',
      'promote a 1.0.0',
      'push b x latest',
      'push c x latest',
    ])
  })

  it('promotes a pre-release only if the source is configured to', async () => {
    const planner = makePlanner()
    const releases = [release('b', '2.0.0-rc.1'), release('a', '1.0.0')]
    expect(await planned(planner, { releases })).toMatchObject({
      current: ['push p a', 'promote p 1.0.0'],
      backfill: ['push p b', 'name p 2.0.0-rc.1 names'],
    })
    expect(await planned(planner, { releases }, { prereleases: true })).toMatchObject({
      current: ['push p b', 'promote p 2.0.0-rc.1'],
      backfill: ['push p a', 'name p 1.0.0'],
    })
  })

  it('takes a release from the first of two tags, and reports the second if its file differs', async () => {
    const releases = [
      release('a', '1.0.0', 'p@1.0.0'),
      release('b', '1.0.0', 'v1.0.0'),
      release('a', '1.0.0', 'x'),
    ]
    expect(await planned(makePlanner(), { releases })).toEqual({
      ...NOTHING,
      current: ['push p a', 'promote p 1.0.0'],
      findings: ['release_conflict v1.0.0'],
    })
    const newer = [...releases, release('c', '1.1.0')]
    expect((await planned(makePlanner(), { releases: newer })).findings).toEqual(['tag_conflict v1.0.0'])
  })

  it('takes over a prompt without an owner, even if its latest version is up to date', async () => {
    const planner = makePlanner()
    await planner.source.push({ prompt_id: 'p', content: 'a', front_matter: '' })
    expect((await planned(planner, { drafts: { p: 'a' } })).current).toEqual(['push p a latest'])
    await planner.sync({ drafts: { p: 'a' } })
    expect(await planned(planner, { kind: 'full', drafts: { p: 'a' } })).toEqual(NOTHING)
  })
})

describe('a plan for a registry with prompts', () => {
  it('is empty if everything is up to date, in every kind of pass', async () => {
    const planner = await settled()
    const world = { drafts: { p: 'b' }, releases: [release('a', '1.0.0')] }
    for (const kind of ['first', 'full', 'changes'] as const)
      expect(await planned(planner, { ...world, kind })).toEqual(NOTHING)
  })

  it.each([
    ['its content', 'c'],
    ['its description', '---\ndescription: new\n---\nb'],
    ['its tags', '---\ntags: [new]\n---\nb'],
    ['its config', '---\nmodel: m\n---\nb'],
    ['a comment', '---\n# new\n---\nb'],
  ])('pushes a draft that differs in %s as a new version', async (_what, text) => {
    const planner = await settled()
    expect((await planned(planner, { kind: 'changes', drafts: { p: text } })).current).toEqual([
      `push p ${text} latest`,
    ])
    const [outcome] = await planner.sync({ kind: 'changes', drafts: { p: text } })
    expect(outcome?.kind).toBe('done')
    expect((await planner.source.resolve('p')).content).toBe('a')
  })

  it('makes the draft the latest again if it is also the stable version', async () => {
    const planner = await settled()
    expect((await planned(planner, { kind: 'full', drafts: { p: 'a' } })).current).toEqual([
      'push p a latest',
    ])
  })

  it('promotes a higher release, and pushes only missing versions', async () => {
    const planner = await settled()
    const promoted = async (text: string) =>
      (await planned(planner, { kind: 'changes', releases: [release(text, '1.1.0')] })).current
    expect(await promoted('a')).toEqual(['promote p 1.1.0 again'])
    expect(await promoted('b')).toEqual(['promote p 1.1.0'])
    expect(await promoted('c')).toEqual(['push p c', 'promote p 1.1.0'])
  })

  it('names the version of a new tag below the highest release, and reports the tag', async () => {
    const planner = await settled()
    const late = [release('z', '0.9.0')]
    const lower = { current: [], backfill: ['push p z', 'name p 0.9.0'], findings: ['tag_lower v0.9.0'] }
    for (const kind of ['changes', 'full'] as const)
      expect(await planned(planner, { kind, releases: late })).toMatchObject(lower)
    // A pre-release promotes nothing anyway.
    const rc = [release('z', '0.9.0-rc.1')]
    expect((await planned(planner, { kind: 'changes', releases: rc })).backfill[1]).toBe(
      'name p 0.9.0-rc.1 names',
    )
  })

  it('reports a release that differs from the highest one only in build metadata', async () => {
    const planner = await settled()
    const world = { kind: 'changes', releases: [release('b', '1.0.0+build')] } as const
    expect(await planned(planner, world)).toMatchObject({
      current: [],
      backfill: ['name p 1.0.0+build'],
      findings: ['tag_lower v1.0.0+build'],
    })
    const twins = [release('a', '1.0.0+one', 'v1.0.0+one'), release('b', '1.0.0+two', 'v1.0.0+two')]
    expect((await planned(makePlanner(), { releases: twins })).findings).toEqual(['tag_lower v1.0.0+two'])
  })

  it('names all of several new tags', async () => {
    const releases = ['1.1.0', '1.2.0', '1.3.0'].map((name) => release('a', name))
    expect(await planned(await settled(), { kind: 'changes', releases })).toMatchObject({
      current: ['promote p 1.3.0 again'],
      backfill: ['name p 1.2.0', 'name p 1.1.0'],
    })
  })
})

describe('a change that the registry would refuse', () => {
  it('is not planned, for a prompt of another source that the branch has', async () => {
    const planner = makePlanner()
    const other = planner.as({ sources: ['other'] })
    await other.push({ prompt_id: 'p', content: 'x', origin: { source: 'other' } })
    for (const kind of ['first', 'full', 'changes'] as const)
      expect(await planned(planner, { kind, drafts: { p: 'a' }, releases: [release('a', '1.0.0')] })).toEqual(
        {
          ...NOTHING,
          refused: ['not_owner p'],
          findings: ['refused p'],
        },
      )
    // Releases of a prompt that moved to another source are not claimed.
    const old = { kind: 'full', releases: [release('a', '1.0.0')], branchIds: [] } as const
    expect(await planned(planner, old)).toEqual(NOTHING)
  })

  it('is a revoked draft or release; the next release is promoted instead', async () => {
    const planner = await settled()
    await planner.admin.revoke('p', { version: await labelOf('b') })
    expect(await planned(planner, { kind: 'full', drafts: { p: 'b' } })).toMatchObject({
      current: [],
      refused: ['revoked p'],
      findings: ['refused p'],
    })
    const releases = [release('b', '1.2.0'), release('c', '1.1.0'), release('a', '1.0.0')]
    expect(await planned(planner, { kind: 'changes', releases })).toMatchObject({
      current: ['push p c', 'promote p 1.1.0'],
      refused: ['revoked p'],
    })
    await planner.sync({ kind: 'changes', releases })
    expect((await planner.source.resolve('p')).content).toBe('c')
  })

  it('is a release whose name belongs to another version', async () => {
    const planner = await settled()
    await planner.admin.addAlias('p', { alias: '1.1.0', version: await labelOf('a'), override: true })
    await planner.admin.unhold('p', {})
    expect(await planned(planner, { kind: 'changes', releases: [release('c', '1.1.0')] })).toMatchObject({
      current: [],
      refused: ['alias_taken p'],
    })
  })

  it('is a file with the label of another version: the lower release keeps the label, never a draft', async () => {
    const [one, two] = ['Be kind. 10663093\n', 'Be kind. 16472189\n']
    const planner = makePlanner()
    const both = [release(one ?? '', '1.1.0'), release(two ?? '', '1.0.0')]
    expect(await planned(planner, { releases: both })).toMatchObject({
      current: ['push p Be kind. 16472189\n', 'promote p 1.0.0'],
      findings: ['label_taken v1.1.0'],
    })
    const world = { drafts: { p: one ?? '' }, releases: [release(two ?? '', '1.0.0')] }
    expect(await planned(planner, world)).toMatchObject({
      current: ['push p Be kind. 16472189\n', 'promote p 1.0.0'],
      findings: ['label_taken prompts/p.txt'],
    })
    await planner.sync(world)
    expect(await planned(planner, { ...world, kind: 'full' })).toEqual({
      ...NOTHING,
      findings: ['label_taken prompts/p.txt'],
    })
  })
})

describe('a held change', () => {
  it('is the release of a frozen prompt, which gets its name and waits with those below it', async () => {
    const planner = await settled()
    await planner.admin.hold('p', {})
    const world = { kind: 'changes', releases: [release('d', '1.2.0'), release('c', '1.1.0')] } as const
    const waits = {
      current: ['push p d', 'name p 1.2.0 waits'],
      backfill: ['push p c', 'name p 1.1.0 waits'],
      findings: ['held p'],
    }
    expect(await planned(planner, world)).toMatchObject(waits)
    expect((await planner.sync(world)).map(({ kind }) => kind)).toEqual(['done', 'done', 'done', 'done'])
    expect(await planned(planner, { ...world, kind: 'full' })).toEqual({ ...NOTHING, findings: ['held p'] })
    await planner.admin.unhold('p', {})
    expect(await planned(planner, { ...world, kind: 'full' })).toEqual({
      ...NOTHING,
      current: ['promote p 1.2.0'],
    })
    await planner.sync({ ...world, kind: 'full' })
    // The lower one that waited counts as released.
    expect(await planner.source.resolve('p@1.1.0')).toMatchObject({ content: 'c', status: 'deprecated' })
  })

  it('is every promotion in a freeze of the source', async () => {
    const planner = await settled()
    const world = { kind: 'changes', releases: [release('c', '1.1.0')] } as const
    const frozenUntil = '2026-03-02T05:00:00.000Z'
    expect(await planned(planner, world, { frozenUntil })).toMatchObject({
      current: ['push p c', 'name p 1.1.0 waits'],
      findings: ['held p'],
    })
    await planner.sync(world, { frozenUntil })
    expect(await planned(planner, { ...world, kind: 'full' })).toMatchObject({ current: ['promote p 1.1.0'] })
  })

  it('is a release with rolled back content, even with another comment', async () => {
    const planner = await settled()
    await planner.sync({ kind: 'changes', releases: [release('bad', '1.1.0')] })
    await planner.admin.rollback('p', {})
    const commented = [release('---\ndescription: better\n---\nbad', '1.2.0')]
    expect(await planned(planner, { kind: 'changes', releases: commented })).toMatchObject({
      current: [`push p ${commented[0]?.text}`, 'name p 1.2.0 waits'],
      findings: ['held p'],
    })
    expect(await planned(planner, { kind: 'changes', releases: [release('good', '1.2.0')] })).toMatchObject({
      current: ['push p good', 'promote p 1.2.0'],
      findings: [],
    })
  })
})

describe('drift', () => {
  const world = { kind: 'full', drafts: { p: 'b' }, releases: [release('a', '1.0.0')] } as const

  /** The draft was promoted by hand, and the resulting hold was lifted. */
  async function drifted(): Promise<Planner> {
    const planner = await settled()
    await planner.admin.promote('p', { version: await labelOf('b'), override: true })
    await planner.admin.unhold('p', {})
    return planner
  }

  it('is reported by a full pass, which changes nothing', async () => {
    const planner = await drifted()
    expect(await planned(planner, world)).toEqual({ ...NOTHING, findings: ['drifted p'] })
    expect(await planned(planner, { ...world, kind: 'changes' })).toEqual(NOTHING)
  })

  it('is healed if configured, as a separate event', async () => {
    const planner = await drifted()
    expect(await planned(planner, world, { drift: 'heal' })).toEqual({
      ...NOTHING,
      current: ['heal p stable'],
    })
    expect((await planner.sync(world, { drift: 'heal' })).map(({ kind }) => kind)).toEqual(['done'])
    expect((await planner.source.resolve('p')).content).toBe('a')
    expect((await planner.source.events('p')).events[0]).toMatchObject({ type: 'healed' })
    expect(await planned(planner, world)).toEqual(NOTHING)
  })

  it('includes a latest version pushed by hand', async () => {
    const planner = await settled()
    await planner.admin.push({ prompt_id: 'p', content: 'by hand', override: true })
    await planner.admin.unhold('p', {})
    expect(await planned(planner, world)).toEqual({ ...NOTHING, findings: ['drifted p'] })
    expect((await planned(planner, world, { drift: 'heal' })).current).toEqual(['heal p latest'])
    await planner.sync(world, { drift: 'heal' })
    expect((await planner.source.resolve('p', { mode: 'dev' })).content).toBe('b')
    // A commit makes its own text the latest.
    await planner.admin.push({ prompt_id: 'p', content: 'by hand again', override: true })
    expect((await planned(planner, { kind: 'changes', drafts: { p: 'c' } })).current).toEqual([
      'push p c latest',
    ])
  })

  it('includes a release that git never had', async () => {
    const planner = makePlanner()
    await planner.sync({ drafts: { p: 'a' } })
    await planner.admin.promote('p', { version: await labelOf('a'), alias: '9.0.0', override: true })
    await planner.admin.unhold('p', {})
    const bare = { kind: 'full', drafts: { p: 'a' } } as const
    expect(await planned(planner, bare)).toEqual({ ...NOTHING, findings: ['drifted p'] })
    expect(await planned(planner, bare, { drift: 'heal' })).toEqual({ ...NOTHING, findings: ['drifted p'] })
  })

  it('excludes holds, rollbacks and revocations', async () => {
    const held = await settled()
    await held.admin.promote('p', { version: await labelOf('b'), override: true })
    expect((await planned(held, world)).findings).toEqual([])

    const higher = { ...world, releases: [release('a', '1.0.0'), release('b', '1.1.0')] }
    const rolledBack = makePlanner()
    await rolledBack.sync(higher)
    await rolledBack.admin.rollback('p', { hold: 'none' })
    expect(await planned(rolledBack, higher, { drift: 'heal' })).toEqual(NOTHING)

    const revoked = makePlanner()
    await revoked.sync(higher)
    await revoked.admin.revoke('p', { version: '1.1.0' })
    expect((await planned(revoked, higher, { drift: 'heal' })).current).toEqual([])
  })
})

describe('a prompt that is gone', () => {
  const gone = { branchIds: [], kind: 'full' } as const
  const whole = (name: string, ...ids: string[]) => ({
    newest: { tag: `v${name}`, release: name, commit: COMMIT, ids: new Set(ids) },
  })

  it('from the branch is archived once, and pushed again if it comes back', async () => {
    const planner = await settled()
    expect(await planned(planner, gone)).toMatchObject({ current: ['archive p'] })
    await planner.sync(gone)
    expect(await planned(planner, gone)).toEqual(NOTHING)
    expect(await planned(planner, { kind: 'full', drafts: { p: 'b' } })).toMatchObject({
      current: ['push p b latest'],
    })
  })

  it('from a branch that never had it is archived as soon as a release has brought it in', async () => {
    const releases = [release('a', '1.0.0'), release('b', '0.9.0')]
    expect(await planned(makePlanner(), { ...gone, kind: 'first', releases })).toMatchObject({
      current: ['push p a', 'promote p 1.0.0'],
      backfill: ['push p b', 'name p 0.9.0', 'archive p'],
    })
  })

  it('from a release is retired if configured, along the release line', async () => {
    const planner = await settled()
    await planner.sync(gone)
    const pruned = (world: World) => planned(planner, { ...gone, ...world }, { prune: true })
    expect(await pruned(whole('2.0.0'))).toMatchObject({ current: ['retire p 2.0.0'] })
    expect(await planned(planner, { ...gone, ...whole('2.0.0') })).toEqual(NOTHING)
    // A prompt that came after the release is not gone.
    expect(await pruned({ ...whole('2.0.0'), branchIds: ['p'] })).toEqual(NOTHING)
    expect(await pruned(whole('2.0.0', 'p'))).toEqual(NOTHING)
    expect(await pruned(whole('1.0.0'))).toEqual(NOTHING)
  })

  it('from a release stays in service in a freeze, and while it is held', async () => {
    const planner = await settled()
    const frozen = { prune: true, frozenUntil: '2026-03-02T05:00:00.000Z' }
    expect(await planned(planner, { ...gone, ...whole('2.0.0') }, frozen)).toMatchObject({
      current: ['archive p'],
      findings: ['held p'],
    })
    await planner.admin.hold('p', {})
    expect(await planned(planner, { ...gone, ...whole('2.0.0') }, { prune: true })).toMatchObject({
      current: ['archive p'],
      findings: ['held p'],
    })
  })
})

describe('a mass change', () => {
  const ids = Array.from({ length: 12 }, (_, n) => `p${n}`)
  const guarded = { massChange: { share: 0.5, least: 10 } }
  const standing = { prompts: 12, missing: [], quarantined: [] }
  const releases = (text: string, name: string) => ids.map((id) => ({ id, text, release: name }))

  it('replaces the served version of most prompts', async () => {
    const planner = makePlanner()
    await planner.sync({ releases: releases('one', '1.0.0') })
    const world = { kind: 'changes', standing } as const
    const judged = async (text: string) =>
      (await planner.plan({ ...world, releases: releases(text, '1.1.0') }, guarded)).massChange
    expect(await judged('two')).toMatchObject({ replaced: 12 })
    // A licence line in every file does not change what the model gets.
    expect(await judged('---\nlicense: MIT\n---\none')).toMatchObject({ replaced: 12 })
    expect(await judged('---\n# licensed under MIT\ndescription: a\n---\none')).toBeNull()
  })

  it('or retires most prompts', async () => {
    const planner = makePlanner()
    await planner.sync({ releases: releases('one', '1.0.0') })
    const newest = { tag: 'v2.0.0', release: '2.0.0', commit: COMMIT, ids: new Set<string>() }
    const { massChange } = await planner.plan(
      { kind: 'full', branchIds: [], standing: { prompts: 0, missing: [], quarantined: [] }, newest },
      { ...guarded, prune: true },
    )
    expect(massChange).toMatchObject({ retired: 12, replaced: 0 })
    expect(massChange?.message).toContain('12 of 12 prompts would be taken out of service (p0, p1, p10')
  })
})
