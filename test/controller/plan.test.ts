import { describe, expect, it } from 'vitest'
import { compareReleases, isPrerelease } from '../../api/contract/release.ts'
import type { DesiredRelease, DesiredVersion, Observed } from '../../controller/plan/observed.ts'
import { countChanges, makePlan, type Plan, type PlanSettings } from '../../controller/plan.ts'
import fc from '../support/fast-check.ts'
import { createPlannedRegistry } from '../support/planned-registry.ts'
import { COMMIT } from '../support/planned-source.ts'

const SETTINGS: PlanSettings = {
  backfill: 20,
  prereleases: false,
  massChange: false,
  frozenUntil: null,
  prune: false,
}

function version(id: string, label: string, different: Partial<DesiredVersion> = {}): DesiredVersion {
  return {
    id,
    path: `prompts/${id}.txt`,
    blob: `blob of ${label}`,
    commit: COMMIT,
    label,
    description: null,
    tags: [],
    ...different,
  }
}

function release(id: string, label: string, name: string, tag = `v${name}`): DesiredRelease {
  return { ...version(id, label), tag, release: name, prerelease: isPrerelease(name), listed: true }
}

/** Newest first, as a plan gets them. */
function releasesOf(...releases: DesiredRelease[]): Map<string, DesiredRelease[]> {
  return new Map(
    [...Map.groupBy(releases, ({ id }) => id)].map(([id, own]) => [
      id,
      own.sort((a, b) => compareReleases(b.release, a.release)),
    ]),
  )
}

function observed(different: Partial<Observed> = {}): Observed {
  return {
    source: 'demo',
    branch: 'main',
    commit: COMMIT,
    kind: 'first',
    layout: { from: null, frontMatter: true, problem: null, unknownNames: [] },
    drafts: [],
    releases: new Map(),
    known: new Map(),
    branchIds: new Set([
      ...(different.drafts ?? []).map(({ id }) => id),
      ...(different.releases ?? new Map<string, never>()).keys(),
      ...(different.known ?? new Map<string, never>()).keys(),
    ]),
    newest: null,
    standing: null,
    quarantined: [],
    ignored: [],
    reports: [],
    counted: [],
    verification: null,
    ...different,
  }
}

function texts(changes: Plan['current']): string[] {
  return changes.flatMap((prompt) =>
    prompt.changes.map((change) =>
      change.do === 'push'
        ? `push ${change.id} ${change.label}${change.latest ? ' latest' : ''}`
        : change.do === 'archive' || change.do === 'retire'
          ? `${change.do} ${change.id}${change.do === 'retire' ? ` ${change.release}` : ''}`
          : `${change.do} ${change.id} ${change.release} ${change.label}${change.held ? ' held' : ''}${change.below ? ` below ${change.below}` : ''}`,
    ),
  )
}

function plan(different: Partial<Observed>, settings = SETTINGS) {
  const made = makePlan(observed(different), settings)
  return {
    current: texts(made.current),
    backfill: texts(made.backfill),
    reports: made.reports.map(({ kind, tag }) => `${kind} ${tag}`),
    count: countChanges(made),
  }
}

/** A registry that has the draft `b` and the release 1.0.0 of `a`, of the prompt `p`. */
function settled() {
  const registry = createPlannedRegistry()
  registry.carryOut(
    makePlan(
      observed({ drafts: [version('p', 'b')], releases: releasesOf(release('p', 'a', '1.0.0')) }),
      SETTINGS,
    ),
  )
  return registry
}

describe('a plan of a first sync', () => {
  it('pushes and promotes the newest release, then pushes the draft, then fills in the older releases', () => {
    const releases = releasesOf(
      release('p', 'c', '1.2.0'),
      release('p', 'b', '1.1.0'),
      release('p', 'a', '1.0.0'),
    )
    expect(plan({ drafts: [version('p', 'd')], releases })).toEqual({
      current: ['push p c', 'promote p 1.2.0 c', 'push p d latest'],
      backfill: ['push p b', 'alias p 1.1.0 b', 'push p a', 'alias p 1.0.0 a'],
      reports: [],
      count: 7,
    })
  })

  it('pushes a text once, and as the latest where the branch has it', () => {
    const releases = releasesOf(
      release('p', 'a', '1.2.0'),
      release('p', 'b', '1.1.0'),
      release('p', 'a', '1.0.0'),
      release('p', 'b', '0.9.0'),
    )
    expect(plan({ drafts: [version('p', 'a')], releases })).toMatchObject({
      current: ['push p a latest', 'promote p 1.2.0 a'],
      backfill: ['push p b', 'alias p 1.1.0 b', 'alias p 1.0.0 a', 'alias p 0.9.0 b'],
    })
  })

  it('goes through the prompts by id, those without a draft too', () => {
    const releases = releasesOf(release('a', 'x', '1.0.0'))
    expect(plan({ drafts: [version('c', 'x'), version('b', 'x')], releases }).current).toEqual([
      'push a x',
      'promote a 1.0.0 x',
      'push b x latest',
      'push c x latest',
    ])
  })

  it('names as many releases as the backfill says, the promoted one among them', () => {
    const releases = releasesOf(
      ...['1.0.0', '1.1.0', '1.2.0', '1.3.0'].map((name) => release('p', `text ${name}`, name)),
    )
    const named = (backfill: number) => plan({ releases }, { ...SETTINGS, backfill })
    expect(named(3).backfill.filter((change) => change.startsWith('alias'))).toHaveLength(2)
    expect(named(1)).toMatchObject({
      current: ['push p text 1.3.0', 'promote p 1.3.0 text 1.3.0'],
      backfill: [],
    })
    expect(named(0).current).toEqual(named(1).current)
  })

  it('promotes no pre-release unless that is configured', () => {
    const releases = releasesOf(release('p', 'b', '2.0.0-rc.1'), release('p', 'a', '1.0.0'))
    expect(plan({ releases })).toMatchObject({
      current: ['push p a', 'promote p 1.0.0 a'],
      backfill: ['push p b', 'alias p 2.0.0-rc.1 b'],
    })
    expect(plan({ releases }, { ...SETTINGS, prereleases: true }).current).toEqual([
      'push p b',
      'promote p 2.0.0-rc.1 b',
    ])
    expect(plan({ releases: releasesOf(release('p', 'b', '2.0.0-rc.1')) })).toMatchObject({
      current: [],
      backfill: ['push p b', 'alias p 2.0.0-rc.1 b'],
    })
  })

  it('takes a release from the first of two tags, and reports the second where its text is another', () => {
    const releases = new Map([
      [
        'p',
        [release('p', 'a', '1.0.0', 'p@1.0.0'), release('p', 'b', '1.0.0'), release('p', 'a', '1.0.0', 'x')],
      ],
    ])
    expect(plan({ releases })).toMatchObject({
      current: ['push p a', 'promote p 1.0.0 a'],
      backfill: [],
      reports: ['conflict v1.0.0'],
    })
  })

  it('passes on what the pass found', () => {
    const found = {
      quarantined: [{ path: 'p', blob: 'b', reason: 'r' }],
      ignored: [{ path: 'i', blob: 'b', reason: 'r' }],
      counted: [{ tag: 'v1.0.0', commit: COMMIT }],
      reports: [{ kind: 'moved' as const, tag: 't', message: 'm' }],
    }
    expect(makePlan(observed(found), SETTINGS)).toMatchObject(found)
  })
})

describe('a plan for a registry that has something', () => {
  it('has nothing to push and promote where all is there', () => {
    const known = settled().rows()
    const world = { drafts: [version('p', 'b')], releases: releasesOf(release('p', 'a', '1.0.0')), known }
    expect(plan({ ...world, kind: 'full' })).toMatchObject({ current: [], backfill: ['alias p 1.0.0 a'] })
  })

  it.each([
    ['its text', version('p', 'c')],
    ['its description', version('p', 'b', { description: 'new' })],
    ['its tags', version('p', 'b', { tags: ['new'] })],
  ])('pushes a draft that differs in %s', (_what, draft) => {
    expect(plan({ kind: 'full', drafts: [draft], known: settled().rows() }).current).toEqual([
      `push p ${draft.label} latest`,
    ])
  })

  it('makes the draft the latest again where it is what is stable', () => {
    const known = settled().rows()
    expect(plan({ kind: 'full', drafts: [version('p', 'a')], known }).current).toEqual(['push p a latest'])
  })

  it('promotes a higher release, without a push where its text is the stable or the latest one', () => {
    const known = settled().rows()
    const promoted = (label: string) =>
      plan({ kind: 'changes', releases: releasesOf(release('p', label, '1.1.0')), known }).current
    expect(promoted('a')).toEqual(['promote p 1.1.0 a'])
    expect(promoted('b')).toEqual(['promote p 1.1.0 b'])
    expect(promoted('c')).toEqual(['push p c', 'promote p 1.1.0 c'])
  })

  it('gives a new tag below the highest release its name, and says so', () => {
    const known = settled().rows()
    const late = releasesOf(release('p', 'z', '0.9.0'))
    expect(plan({ kind: 'changes', releases: late, known }).backfill).toEqual([
      'push p z',
      'alias p 0.9.0 z below 1.0.0',
    ])
    // What a full pass fills in is no news, and a pre-release promotes nothing anyway.
    expect(plan({ kind: 'full', releases: late, known }).backfill[1]).toBe('alias p 0.9.0 z')
    const rc = releasesOf(release('p', 'z', '0.9.0-rc.1'))
    expect(plan({ kind: 'changes', releases: rc, known }).backfill[1]).toBe('alias p 0.9.0-rc.1 z')
    expect(
      plan({ kind: 'changes', releases: rc, known }, { ...SETTINGS, prereleases: true }).backfill[1],
    ).toBe('alias p 0.9.0-rc.1 z below 1.0.0')
  })

  it('names all of several new tags, however few the backfill has', () => {
    const releases = releasesOf(...['1.1.0', '1.2.0', '1.3.0'].map((name) => release('p', 'a', name)))
    expect(
      plan({ kind: 'changes', releases, known: settled().rows() }, { ...SETTINGS, backfill: 0 }),
    ).toMatchObject({
      current: ['promote p 1.3.0 a'],
      backfill: ['alias p 1.2.0 a', 'alias p 1.1.0 a'],
    })
  })

  it('only names the release of a frozen prompt, and says that it waits', () => {
    const registry = settled()
    registry.hold('p', true)
    const world = { kind: 'changes' as const, releases: releasesOf(release('p', 'b', '1.1.0')) }
    expect(plan({ ...world, known: registry.rows() }).current).toEqual(['alias p 1.1.0 b held'])
    registry.hold('p', false)
    expect(plan({ ...world, known: registry.rows() }).current).toEqual(['promote p 1.1.0 b'])
  })

  it('has no release above one that differs only in its build', () => {
    const known = settled().rows()
    const releases = releasesOf(release('p', 'b', '1.0.0+build'))
    expect(plan({ kind: 'changes', releases, known })).toMatchObject({
      current: [],
      backfill: ['alias p 1.0.0+build b'],
    })
  })

  it('leaves prompts alone that the branch no longer has', () => {
    expect(plan({ kind: 'full', known: settled().rows() }).count).toBe(0)
  })
})

describe('a prompt that is gone', () => {
  const gone = { branchIds: new Set<string>(), commit: COMMIT, kind: 'full' as const }

  it('from the branch is archived, once, and pushed again where it comes back', () => {
    const registry = settled()
    expect(plan({ ...gone, known: registry.rows() }).current).toEqual(['archive p'])
    registry.carryOut(makePlan(observed({ ...gone, known: registry.rows() }), SETTINGS))
    expect(plan({ ...gone, known: registry.rows() }).count).toBe(0)
    const back = { kind: 'full' as const, drafts: [version('p', 'b')], known: registry.rows() }
    expect(plan(back).current).toEqual(['push p b latest'])
  })

  it('from a branch that never had it is archived as soon as a release has brought it in', () => {
    const releases = releasesOf(release('p', 'a', '1.0.0'), release('p', 'b', '0.9.0'))
    expect(plan({ ...gone, kind: 'first', releases })).toMatchObject({
      current: ['push p a', 'promote p 1.0.0 a'],
      backfill: ['push p b', 'alias p 0.9.0 b', 'archive p'],
    })
  })

  const newest = (name: string, ...ids: string[]) => ({
    branchIds: new Set<string>(),
    newest: { tag: `v${name}`, release: name, commit: COMMIT, ids: new Set(ids) },
  })
  const pruning = { ...SETTINGS, prune: true }

  it('from a release goes out of service where that is configured, along the release line', () => {
    const known = settled().rows()
    for (const row of known.values()) known.set(row.prompt_id, { ...row, archived: true })
    const world = { kind: 'changes' as const, known }
    expect(plan({ ...world, ...newest('2.0.0') }, pruning).current).toEqual(['retire p 2.0.0'])
    expect(plan({ ...world, ...newest('2.0.0') }).count).toBe(0)
    // A prompt that came after the release is not gone.
    expect(plan({ ...world, ...newest('2.0.0'), branchIds: new Set(['p']) }, pruning).count).toBe(0)
    expect(plan({ ...world, ...newest('2.0.0', 'p') }, pruning).count).toBe(0)
    expect(plan({ ...world, ...newest('1.0.0') }, pruning).count).toBe(0)
  })

  it('from a release stays in service until the end of a freeze, and waits for it', () => {
    const frozen = { ...pruning, frozenUntil: '2026-03-02T05:00:00.000Z' }
    const world = { kind: 'changes' as const, known: settled().rows(), ...newest('2.0.0') }
    expect(plan(world, frozen).current).toEqual(['archive p'])
    expect(makePlan(observed(world), frozen).waiting).toEqual(['p'])
  })

  it('and taken out of service in a mass must be confirmed', () => {
    const registry = createPlannedRegistry()
    const ids = Array.from({ length: 12 }, (_, n) => `p${n}`)
    const releases = releasesOf(...ids.map((id) => release(id, 'a', '1.0.0')))
    registry.carryOut(makePlan(observed({ releases }), SETTINGS))
    const world = {
      kind: 'changes' as const,
      known: registry.rows(),
      standing: { prompts: 0, missing: [], quarantined: [] },
      ...newest('2.0.0'),
    }
    const guarded = { ...pruning, massChange: { share: 0.5, least: 10 } }
    const { massChange } = makePlan(observed(world), guarded)
    expect(massChange).toMatchObject({ retired: 12, replaced: 0 })
    expect(massChange?.message).toContain('12 of 12 prompts would be taken out of service (p0, p1, p10')
  })
})

describe('any plan', () => {
  const id = fc.constantFrom('p', 'q')
  const label = fc.constantFrom('a', 'b', 'c', 'd')
  const name = fc.constantFrom('1.0.0', '1.1.0', '1.1.0-rc.1', '2.0.0', '2.0.0+x', '3.0.0-rc.1')
  const description = fc.constantFrom(null, 'x')
  const wish = fc.record({
    drafts: fc.uniqueArray(
      fc
        .tuple(id, label, description)
        .map(([one, text, words]) => version(one, text, { description: words })),
      { selector: (draft) => draft.id },
    ),
    releases: fc
      .array(
        fc.tuple(id, label, name).map(([one, text, what]) => release(one, text, what)),
        { maxLength: 8 },
      )
      .map((all) => releasesOf(...all)),
    more: fc.subarray(['p', 'q']),
    newest: fc.option(
      fc.record({
        tag: fc.constant('whole'),
        release: fc.constantFrom('1.0.0', '2.0.0', '3.0.0'),
        commit: fc.constant(COMMIT),
        ids: fc.subarray(['p', 'q']).map((ids) => new Set(ids)),
      }),
    ),
  })
  const world = wish.map(({ more, ...rest }) => ({
    ...rest,
    branchIds: new Set([...more, ...rest.drafts.map((draft) => draft.id)]),
  }))
  const settings = fc.record({
    backfill: fc.nat(4),
    prereleases: fc.boolean(),
    massChange: fc.constant(false as const),
    frozenUntil: fc.constant(null),
    prune: fc.boolean(),
  })
  const kind = fc.constantFrom('first' as const, 'full' as const, 'changes' as const)

  it('leads to a state on which the same plan changes nothing', () => {
    fc.assert(
      fc.property(world, world, settings, kind, fc.boolean(), (before, after, chosen, how, frozen) => {
        const registry = createPlannedRegistry()
        registry.carryOut(makePlan(observed(before), chosen))
        if (frozen) registry.hold('p', true)
        const again = () =>
          registry.carryOut(makePlan(observed({ ...after, kind: how, known: registry.rows() }), chosen))
        const first = again()
        const second = again()
        // A name that another text has is refused each time.
        expect(second.filter((text) => !/^(taken|held)/.test(text))).toEqual([])
        expect(first.filter((text) => text.startsWith('refused'))).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  it('makes the draft the latest, the newest release stable, and every push come before what needs it', () => {
    fc.assert(
      fc.property(world, settings, (wanted, chosen) => {
        const registry = createPlannedRegistry()
        // A change of a version that is not there would throw.
        const made = registry.carryOut(makePlan(observed(wanted), chosen))
        expect(new Set(made.filter((text) => text.startsWith('pushed'))).size).toBe(
          made.filter((text) => text.startsWith('pushed')).length,
        )
        for (const draft of wanted.drafts) expect(registry.prompts.get(draft.id)?.latest).toBe(draft.label)
        for (const [prompt, releases] of wanted.releases) {
          const newest = releases.find((one) => chosen.prereleases || !one.prerelease)
          const isGone = !wanted.branchIds.has(prompt) && wanted.newest?.ids.has(prompt) === false
          const without = isGone ? wanted.newest : null
          const retired =
            chosen.prune &&
            newest !== undefined &&
            without !== null &&
            compareReleases(without.release, newest.release) > 0
          expect(registry.prompts.get(prompt)?.stable ?? null).toBe(retired ? null : (newest?.label ?? null))
          expect(registry.prompts.get(prompt)?.retired ?? null).toBe(retired ? without?.release : null)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('never lowers the highest release', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(world, kind), { maxLength: 4 }), settings, (worlds, chosen) => {
        const registry = createPlannedRegistry()
        const highest = () => registry.prompts.get('p')?.highest?.release
        for (const [one, how] of worlds) {
          const before = highest()
          registry.carryOut(makePlan(observed({ ...one, kind: how, known: registry.rows() }), chosen))
          const now = highest()
          if (before !== undefined) expect(compareReleases(now ?? '0.0.0', before)).toBeGreaterThanOrEqual(0)
        }
      }),
    )
  })
})
