import { describe, expect, it } from 'vitest'
import { compareReleases, isPrerelease } from '../../../api/contract/release.ts'
import fc from '../../support/fast-check.ts'
import { type PlannedRelease, plannerOn, versionOf } from '../../support/planned-world.ts'
import { makeRegistry } from '../../support/registry.ts'

/** Two files share the first 12 digits of their hashes, a third one does not. */
const [ONE, OTHER] = ['Be kind. 10663093\n', 'Be kind. 16472189\n']
const TEXT = fc.constantFrom(ONE, OTHER, 'c')
const RELEASE = fc.constantFrom('1.0.0', '1.1.0', '1.2.0-rc.1', '1.2.0', '2.0.0')

const releases = fc.uniqueArray(fc.record({ id: fc.constant('p'), text: TEXT, release: RELEASE }), {
  selector: ({ release }) => release,
  maxLength: 5,
})

const byRelease = (a: PlannedRelease, b: PlannedRelease) => compareReleases(a.release, b.release)

/** What should become of these releases in an empty registry: the lowest one of a label keeps it. */
function judged(all: readonly PlannedRelease[]) {
  const lowest = all.toSorted(byRelease).find(({ text }) => text !== 'c')
  const isTaken = ({ text }: PlannedRelease) => text !== 'c' && text !== lowest?.text
  const served = all
    .filter((one) => !isTaken(one) && !isPrerelease(one.release))
    .sort(byRelease)
    .at(-1)
  const isMissed = (one: PlannedRelease) =>
    !isPrerelease(one.release) && (served === undefined || byRelease(one, served) > 0)
  return {
    holder: lowest?.text,
    served,
    findings: all
      .filter(isTaken)
      .map((one) => `${isMissed(one) ? 'label_taken' : 'tag_incomplete'} v${one.release}`),
  }
}

describe('two files of a prompt with the same first 12 digits', () => {
  it('share no label: the lower release keeps it, and only a missed newest release is a problem', async () => {
    const { version } = await versionOf('p', ONE)
    expect((await versionOf('p', OTHER)).version).toBe(version)
    await fc.assert(
      fc.asyncProperty(releases, fc.option(TEXT), async (all, draft) => {
        const registry = makeRegistry()
        try {
          const planner = plannerOn(registry)
          const { holder = draft === 'c' ? undefined : (draft ?? undefined), served, findings } = judged(all)
          const world = { drafts: draft === null ? {} : { p: draft }, branchIds: ['p'] }
          for (const kind of ['first', 'full', 'changes'] as const) {
            const known = all.map((one) => ({ ...one, isNew: kind === 'first' }))
            const plan = await planner.plan({ ...world, kind, releases: known })
            const told = plan.findings.filter(({ message }) => message.includes('belongs to another version'))
            const expected =
              draft !== null && draft !== 'c' && draft !== holder ? ['label_taken prompts/p.txt'] : []
            expect(told.map(({ code, subject }) => `${code} ${subject.name}`).sort()).toEqual(
              [...findings, ...expected].sort(),
            )
            expect((await planner.carryOut(plan)).every(({ kind: came }) => came === 'done')).toBe(true)
          }
          const { content = undefined } = await registry.admin
            .resolve(`p@${version}`, { mode: 'dev' })
            .catch(() => ({ content: undefined }))
          expect(content).toBe(holder)
          const { content: stable = undefined } = await registry.admin
            .resolve('p')
            .catch(() => ({ content: undefined }))
          expect(stable).toBe(served?.text)
        } finally {
          registry.close()
        }
      }),
      { numRuns: 120 },
    )
  })
})
