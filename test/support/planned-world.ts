import { onTestFinished } from 'vitest'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { compareReleases, isPrerelease } from '../../api/contract/release.ts'
import { NO_EVIDENCE } from '../../controller/evidence/evidence.ts'
import { applyPlan } from '../../controller/pass/apply.ts'
import { lookupsOf } from '../../controller/pass/look-up.ts'
import { registryReads } from '../../controller/pass/registry-reads.ts'
import { makePlan } from '../../controller/plan/make-plan.ts'
import type { ChangeOutcome } from '../../controller/plan/outcomes.ts'
import { changesOf, type Plan, type PlanSettings } from '../../controller/plan/plan.ts'
import type { DesiredRelease, PlanInput } from '../../controller/plan/plan-input.ts'
import { fileToRead } from '../../controller/prompts/file-to-read.ts'
import { refine } from '../../controller/prompts/layout.ts'
import { type DesiredVersion, FileReadings } from '../../controller/prompts/read-files.ts'
import type { GitSnapshot } from '../../controller/source/git-source.ts'
import { sourceConfig } from './controller.ts'
import { COMMIT } from './planned-source.ts'
import { makeRegistry, type TestRegistry } from './registry.ts'

/** Plans for the source `demo`, based on and applied to a real registry. */

export const SETTINGS: PlanSettings = {
  prereleases: false,
  prune: false,
  drift: 'report',
  massChange: false,
  frozenUntil: null,
  require: [],
}

/** A repository whose blobs are named after their content. */
const snapshot = {
  async *blobs(oids: Iterable<string>) {
    for (const oid of oids) yield { oid, bytes: Buffer.from(oid) }
  },
  commit: async () => ({ author: 'Ada <ada@example.com>', committedAt: '2026-01-01T00:00:00.000Z' }),
} as unknown as GitSnapshot

const layout = refine(sourceConfig({ name: 'demo', repository: 'upstream' }), {}, null)

/** The version of a file with this content. */
export async function versionOf(id: string, text: string): Promise<DesiredVersion> {
  const file = fileToRead({ id, path: `prompts/${id}.txt`, blob: text }, layout)
  const readings = new FileReadings()
  await readings.add(snapshot, [file])
  const version = readings.versionOf(file, COMMIT)
  if (version === null) throw new Error(`"${text}" cannot become a version`)
  return version
}

export interface PlannedRelease {
  readonly id: string
  readonly text: string
  readonly release: string
  readonly tag?: string
  readonly isNew?: boolean
}

async function releaseOf({ id, text, release, tag, isNew }: PlannedRelease): Promise<DesiredRelease> {
  const prerelease = isPrerelease(release)
  return {
    ...(await versionOf(id, text)),
    release,
    prerelease,
    tag: tag ?? `v${release}`,
    isNew: isNew ?? true,
    listed: true,
  }
}

/** The state of git: contents by prompt, and releases in the order in which their tags first counted. */
export interface World {
  readonly kind?: PlanInput['kind']
  readonly drafts?: Readonly<Record<string, string>>
  readonly releases?: readonly PlannedRelease[]
  /** Ids of the branch, if they are not those of the drafts and the releases. */
  readonly branchIds?: readonly string[]
  readonly newest?: PlanInput['newest']
  readonly standing?: PlanInput['standing']
  readonly moves?: Partial<PlanInput['moves']>
}

export interface Planner extends TestRegistry {
  readonly source: RegistryApi
  plan(world: World, settings?: Partial<PlanSettings>): Promise<Plan>
  carryOut(plan: Plan): Promise<ChangeOutcome[]>
  /** Plans and applies without expectations. */
  sync(world: World, settings?: Partial<PlanSettings>): Promise<ChangeOutcome[]>
}

export function makePlanner(): Planner {
  const registry = makeRegistry()
  onTestFinished(() => registry.close())
  return plannerOn(registry)
}

export function plannerOn(registry: TestRegistry): Planner {
  const source = registry.as({ actor: 'controller', access: 'write', sources: ['demo'] })
  const plan: Planner['plan'] = async (world, settings) =>
    makePlan(await observedBy(source, world), { ...SETTINGS, ...settings })
  const carryOut: Planner['carryOut'] = async (made) => {
    const { lease } = await source.lease('demo', { holder: 'test' })
    const token = lease?.token ?? 0
    const outcomes = await applyPlan(made, {
      now: 0,
      api: source,
      snapshot,
      repository: 'upstream',
      leaseToken: token,
      signal: new AbortController().signal,
    })
    await source.lease('demo', { holder: 'test', token, release: true })
    return [...outcomes]
  }
  return {
    ...registry,
    source,
    plan,
    carryOut,
    sync: async (world, settings) => await carryOut(await plan(world, settings)),
  }
}

async function observedBy(api: RegistryApi, world: World): Promise<PlanInput> {
  const { kind = 'first', newest = null, standing = null } = world
  const drafts = await Promise.all(
    Object.entries(world.drafts ?? {}).map(([id, text]) => versionOf(id, text)),
  )
  const all = await Promise.all((world.releases ?? []).map(releaseOf))
  const byId = Map.groupBy(all, ({ id }) => id)
  const releases = new Map([...byId].map(([id, own]) => [id, own.toSorted(newestFirst)]))
  const reads = registryReads({ api, source: { name: 'demo' } })
  const owned = (await reads.owned()).rows
  const branchIds = new Set(
    world.branchIds ?? [...drafts.map(({ id }) => id), ...releases.keys(), ...owned.keys()],
  )
  const gone = [...owned.keys()].filter((id) => !branchIds.has(id))
  return {
    ...{ source: 'demo', branch: 'main', commit: COMMIT, kind, branchIds, drafts, releases, newest },
    ...{ gone, standing },
    moves: { declared: new Map(), found: new Map(), ...world.moves },
    layout: { from: null },
    registry: await reads.lookUp(lookupsOf(drafts, releases, gone)),
    owned: kind === 'changes' ? 0 : owned.size,
    ignored: [],
    findings: [],
    scope: { everything: false, blobs: new Map(), files: new Set(), tags: new Set(), listed: new Set() },
    counted: [],
    unsettled: [],
    tags: new Map(),
    unverified: [],
    set: { standing: null, unfinished: null, wholeRelease: () => undefined },
    sourceHold: null,
    evidence: NO_EVIDENCE,
  }
}

function newestFirst(a: DesiredRelease, b: DesiredRelease): number {
  return compareReleases(b.release, a.release)
}

/** The changes of a plan, one line each, with the contents of the versions. */
export function changeTexts(changes: Plan['current']): string[] {
  return changesOf({ current: changes, backfill: [] }).map((change) => {
    switch (change.do) {
      case 'push':
        return `push ${change.id} ${change.blob}${change.latest ? ' latest' : ''}`
      case 'archive':
        return `archive ${change.id}${change.movedTo === null ? '' : ` to ${change.movedTo}`}`
      case 'retire':
        return `retire ${change.id} ${change.release}`
      case 'heal':
        return `heal ${change.id}${change.stable === null ? '' : ' stable'}${change.latest === null ? '' : ' latest'}`
      case 'promote':
        return `promote ${change.id} ${change.release}${change.swaps ? '' : ' again'}`
      case 'name':
        return `name ${change.id} ${change.release}${change.standing === 'counts' ? '' : ` ${change.standing}`}`
      default:
        return change satisfies never
    }
  })
}

/** A summary of everything in a plan. */
export function summaryOf({ current, backfill, refused, findings }: Plan) {
  return {
    current: changeTexts(current),
    backfill: changeTexts(backfill),
    refused: refused.map(({ change, code }) => `${code} ${change.id}`),
    findings: findings.map(({ code, subject }) => `${code} ${subject.name}`),
  }
}
