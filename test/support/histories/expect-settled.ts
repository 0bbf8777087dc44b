import { expect } from 'vitest'
import { compareReleases, isPrerelease } from '../../../api/contract/release.ts'
import { classOf, isFindingCode } from '../../../controller/findings/finding.ts'
import { verdictOf } from '../../../controller/findings/verdict.ts'
import type { PassReport } from '../../../controller/state/pass-report.ts'
import { parseState } from '../../../controller/state/source-state.ts'
import { expectedFindings } from './expected-findings.ts'
import { filesOf, promptsOf } from './meaning.ts'
import { expectMovedRightly } from './moves.ts'
import { findingsOf, labelAt, ledgerOf, revokedLabels, rowsOf, SOURCE } from './reading.ts'
import { expectSameAsRebuilt } from './rebuilt.ts'
import { releasesOf } from './releases.ts'
import type { World } from './world.ts'

/** Invariants that hold after some undisturbed passes. */
export async function expectSettled(world: World): Promise<void> {
  const reports = await world.settle()
  const told = reports.map(({ result, message }) => `${result} ${message}`)
  expect(told.at(-1), told.join('; ')).toBe('unchanged null')
  await expectNoTrouble(world)
  await expectToldRightly(world)
  await expectCountedRightly(world)
  await expectSameAsBranch(world)
  await expectMovedRightly(world)
  await expectNothingToDo(world)
  await expectSameAsRebuilt(world)
}

async function expectNoTrouble({ api, history }: World): Promise<void> {
  const state = parseState((await api.source(SOURCE)).state)
  expect(state?.retry).toBeNull()
  expect(state?.watermark?.commit).toBe(history.branch.oid)
}

/** The source is ready exactly if the registry matches git and the rules; else its condition has the reason. */
async function expectToldRightly(world: World): Promise<void> {
  const { api } = world
  const state = parseState((await api.source(SOURCE)).state)
  const findings = await findingsOf(api)
  const counts = Object.fromEntries(
    [...Map.groupBy(findings, ({ code }) => code)].map(([code, alike]) => [code, alike.length]),
  )
  expect(state?.finding_counts, 'the counts of the state').toEqual(counts)
  if (await hasUnfinished(world)) return
  const told = findings
    .filter(({ code }) => isFindingCode(code) && classOf(code) !== 'notice')
    .map(({ code, subject }) => `${code} ${subject.name}`)
    .sort()
  const expected = await expectedFindings(world)
  expect(told, 'problems and holds').toEqual(expected)
  const ready = state?.conditions.find(({ type }) => type === 'Ready')
  expect(ready?.status, ready?.message).toBe(expected.length === 0 ? 'True' : 'False')
}

/** If tags must be on the branch, only tags that were on it ever counted. */
async function expectCountedRightly({ api, history, wasOpen }: World): Promise<void> {
  const strays = [...(await ledgerOf(api))].filter(
    ([, commit]) => !history.wasOnBranch(history.commitOf(commit)),
  )
  if (!wasOpen) expect(strays, 'tags that counted off the branch').toEqual([])
}

/** Drafts are the files of the branch, and prompts missing from it are archived. */
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
 * A second pass changes nothing, by whichever writer, even if it compares everything. At most, it names an older
 * release to replace one whose tag was deleted.
 */
async function expectNothingToDo(world: World): Promise<void> {
  const settled = await everythingOf(world)
  const looked = await world.pass('second')
  expect(looked.result).toBe('unchanged')
  expect(await everythingOf(world), 'after a look').toEqual(settled)

  if (await hasUnfinished(world)) return
  const full = await world.pass('second', { force: true })
  expect(full.result).toBe('synced')
  expect(exitCode(full), 'the exit code of a full pass').toBe(exitCode(looked))
  const compared = await everythingOf(world)
  const hasRoom = world.setting.backfill >= compared.ledger.size
  if (hasRoom) expect(compared, 'after a full pass').toEqual(settled)
  else expect(withoutNames(compared), 'after a full pass').toEqual(withoutNames(settled))

  expect((await world.pass('first', { force: true })).result).toBe('synced')
  expect(await everythingOf(world), 'after a full pass by another').toEqual(compared)
}

function exitCode({ counts }: PassReport): number {
  return verdictOf(counts).exitCode
}

/**
 * Whether a tag counted but was deleted before it was carried out, as after a kill or in a freeze. Only a writer
 * that still has its commit can then carry it out.
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

/** A draft with a release is no longer a draft. */
function withoutNames(all: Awaited<ReturnType<typeof everythingOf>>) {
  const rows = [...all.rows].map(([id, { revision: _, updated_at: __, latest_status: ___, ...row }]) => [
    id,
    row,
  ])
  // Older releases that only a full pass cannot see are not in its findings either.
  const findings = all.findings.filter(({ code }) => isFindingCode(code) && classOf(code) !== 'notice')
  const { counts: _, ...settled } = all.settled ?? {}
  return { ...all, rows, findings, settled }
}

/** Everything except what a pass reports about itself. A prompt's revision counts its events. */
async function everythingOf({ api }: World) {
  const { state: document, ledger_length, attention } = await api.source(SOURCE)
  const state = parseState(document)
  return {
    rows: await rowsOf(api),
    findings: (await findingsOf(api)).map(({ first_seen: _, ...finding }) => finding),
    ledger: await ledgerOf(api),
    ledger_length,
    attention,
    settled: state && {
      watermark: state.watermark,
      retry: state.retry,
      held: state.held,
      waiting: state.waiting,
      counts: state.finding_counts,
    },
  }
}
