import { expect } from 'vitest'
import { compareReleases, isPrerelease } from '../../../api/contract/release.ts'
import { parseState } from '../../../controller/state/source-state.ts'
import { brokenPaths, filesOf, promptsOf } from './meaning.ts'
import { labelAt, ledgerOf, revokedLabels, rowsOf, SOURCE } from './reading.ts'
import { expectSameAsRebuilt } from './rebuilt.ts'
import { releasesOf } from './releases.ts'
import type { World } from './world.ts'

/** Everything that must be true once passes ran undisturbed for a while. */
export async function expectSettled(world: World): Promise<void> {
  const reports = await world.settle()
  const told = reports.map(({ result, message }) => `${result} ${message}`)
  expect(told.at(-1), told.join('; ')).toBe('unchanged null')
  await expectNoTrouble(world)
  await expectCountedRightly(world)
  await expectSameAsBranch(world)
  await expectNothingToDo(world)
  await expectSameAsRebuilt(world)
}

async function expectNoTrouble({ api, history }: World): Promise<void> {
  const state = parseState((await api.source(SOURCE)).state)
  expect(state?.retry).toBeNull()
  expect(state?.watermark?.commit).toBe(history.branch.oid)
  expect(state?.quarantined.map(({ path }) => path).sort()).toEqual(quarantinedPaths(history.branch))
  expect(state?.conditions.find(({ type }) => type === 'Ready')?.status).toBe('True')
}

function quarantinedPaths(commit: Parameters<typeof brokenPaths>[0]): string[] {
  const misnamed = [...commit.files.keys()].filter((path) => path.includes(' '))
  return [...brokenPaths(commit), ...misnamed].sort()
}

/** Only what was on the branch, where that is asked for, ever counted. */
async function expectCountedRightly({ api, history, wasOpen }: World): Promise<void> {
  const strays = [...(await ledgerOf(api))].filter(
    ([, commit]) => !history.wasOnBranch(history.commitOf(commit)),
  )
  if (!wasOpen) expect(strays, 'tags that counted off the branch').toEqual([])
}

/** Drafts are the branch's files, and what the branch has no more is archived. */
async function expectSameAsBranch({ api, history, touched }: World): Promise<void> {
  const rows = await rowsOf(api)
  const there = filesOf(history.branch)
  for (const [id, row] of rows) if (!there.has(id)) expect(row.archived, `${id} is archived`).toBe(true)
  for (const [id, { version }] of promptsOf(history.branch)) {
    if (version === null) continue
    const row = rows.get(id)
    if (touched.has(id) && (await revokedLabels(api, id)).has(version.label)) continue
    expect([row?.latest, row?.description], `the draft of ${id}`).toEqual([
      version.label,
      version.description,
    ])
  }
}

/**
 * Two passes equal one, whoever makes them, also where the second one compares everything: at most, it names an older
 * release in the place of one whose tag went.
 */
async function expectNothingToDo(world: World): Promise<void> {
  const settled = await everythingOf(world)
  expect((await world.pass('second')).result).toBe('unchanged')
  expect(await everythingOf(world), 'after a look').toEqual(settled)

  if (await hasUnfinished(world)) return
  expect((await world.pass('second', { force: true })).result).toBe('synced')
  const compared = await everythingOf(world)
  const hasRoom = world.setting.backfill >= compared.ledger.size
  if (hasRoom) expect(compared, 'after a full pass').toEqual(settled)
  else expect(withoutNames(compared), 'after a full pass').toEqual(withoutNames(settled))

  expect((await world.pass('first', { force: true })).result).toBe('synced')
  expect(await everythingOf(world), 'after a full pass by another').toEqual(compared)
}

/**
 * Whether a tag counted and was gone before it was carried out, as after a kill or in a freeze: then who still has its
 * commit may carry it out, and who has not cannot.
 */
async function hasUnfinished({ api, history, setting }: World): Promise<boolean> {
  const rows = await rowsOf(api)
  const gone = [...(await ledgerOf(api))].filter(([tag, commit]) => history.tags.get(tag)?.at.oid !== commit)
  for (const { id, release, label } of releasesOf(gone, history)) {
    if (label === null) continue
    if ((await labelAt(api, `${id}@${release}`)) === 'not_found') return true
    const highest = rows.get(id)?.highest_release ?? null
    const promotes = setting.prereleases || !isPrerelease(release)
    if (promotes && (highest === null || compareReleases(release, highest) > 0)) return true
  }
  return false
}

/** A draft that gets a release's name is none any more. */
function withoutNames(all: Awaited<ReturnType<typeof everythingOf>>) {
  const rows = [...all.rows].map(([id, { revision: _, updated_at: __, latest_status: ___, ...row }]) => [
    id,
    row,
  ])
  return { ...all, rows }
}

/** All but what a pass tells of itself. A prompt's revision counts its events. */
async function everythingOf({ api }: World) {
  const { state: document, ledger_length, attention } = await api.source(SOURCE)
  const state = parseState(document)
  return {
    rows: await rowsOf(api),
    ledger: await ledgerOf(api),
    ledger_length,
    attention,
    settled: state && {
      watermark: state.watermark,
      retry: state.retry,
      held: state.held,
      waiting: state.waiting,
      quarantined: state.quarantined,
    },
  }
}
