import { useClause } from '../../api/contract/prompt-use.ts'
import type { Finding } from '../findings/finding.ts'
import { countFindings } from '../findings/findings.ts'
import { verdictOf } from '../findings/verdict.ts'
import type { Preview } from '../pass/preview.ts'
import {
  CHANGE_KINDS,
  changeKey,
  kindOf,
  type PlannedChange,
  type PromoteChange,
  type PromptChanges,
  type PushChange,
} from '../plan/changes.ts'
import { changesOf, type Plan } from '../plan/plan.ts'
import { type ChangeNote, fileLines, NO_NOTE, noteLines } from '../prompts/change-note.ts'
import { fewNames } from './cells.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { printDiff, printLine } from './output.ts'
import { findingLines } from './reports.ts'

/** Prompts that only get names are less important: agents get the same content. */
const MOST_NAME_LINES = 5

/** Prints a plan: first the changes to what agents get, with diffs, then names, then findings. */
export function printPlan(runtime: CliRuntime, { plan, diffs, notes, use, findings }: Preview): void {
  const groups = [...plan.current, ...plan.backfill]
  const changes = changesOf(plan)
  printLine(runtime, planHeadline(plan, findings))
  if (plan.massChange !== null)
    printLine(
      runtime,
      `  held: ${plan.massChange.message} Run "promptctl sync ${plan.source} --confirm" to apply it.`,
    )
  const isShown = effectiveIn(changes)
  const printed = new Map<PlannedChange['id'], string | null>()
  const readers = new Map(use)
  for (const change of changes.filter(isShown)) {
    printLine(runtime, `  ${changeLine(change)}`)
    for (const line of inputLines(notes.get(changeKey(change)))) printLine(runtime, `      ${line}`)
    const known = readers.get(change.id)
    if (known !== undefined) printLine(runtime, `      ${useClause(known)}`)
    readers.delete(change.id)
    const diff = diffs.get(changeKey(change))
    // A push and the promotion of the same version often change the same text.
    if (diff === undefined || diff === printed.get(change.id)) continue
    printDiff(runtime, diff, 6)
    printed.set(change.id, diff)
  }
  for (const line of [...nameLines(groups, isShown), ...setLines(plan)]) printLine(runtime, `  ${line}`)
  for (const line of findingLines(findings)) printLine(runtime, `  ${line}`)
  for (const line of [
    ...draftLines(changes),
    ...olderReleaseLines(changes, isShown),
    ...wholeTreeLines(groups),
    ...ignoredLines(plan),
  ])
    printLine(runtime, `  ${line}`)
}

/** Most changes of content move the prefix, so a plan shows it only with changed inputs. */
function inputLines(note: ChangeNote = NO_NOTE): string[] {
  return note.inputs.length === 0 ? fileLines(note) : noteLines(note)
}

/** Nobody gets the first prompts of a source in production until a tag releases them. */
function draftLines(changes: readonly PlannedChange[]): string[] {
  const isNew = changes.some((change) => change.do === 'push' && change.creates && change.from === null)
  if (!isNew || changes.some((change) => change.do !== 'push')) return []
  return ['these are drafts, for the modes dev and simulation; a tag such as v1.0.0 releases them']
}

/** A version with the status `deprecated` that was never stable here surprises. */
function olderReleaseLines(
  changes: readonly PlannedChange[],
  isShown: (change: PlannedChange) => boolean,
): string[] {
  if (!changes.some((change) => change.do === 'push' && !isShown(change))) return []
  return ['versions of older releases are deprecated: pins and rollbacks can use them']
}

/** A tag without an id promotes prompts that nobody changed, which surprises. */
function wholeTreeLines(groups: readonly PromptChanges[]): string[] {
  const promoted = groups.flatMap(({ changes }) => changes.filter((change) => change.do === 'promote'))
  const byTag = [...Map.groupBy(promoted, ({ tag }) => tag)].filter(([, all]) => all.length > 1)
  const [first] = byTag
  if (first === undefined) return []
  const [tag, all] = first
  return [
    `${tag} releases all ${all.length} prompts of its commit, changed or not; a tag such as ${all[0]?.id}@1.0.0 releases one`,
  ]
}

/** The files that the layout leaves out: how many, and the first ones with the reason. */
function ignoredLines({ ignored }: Plan): string[] {
  if (ignored.length === 0) return []
  const files = ignored.length === 1 ? '1 file is' : `${ignored.length} files are`
  const byReason = [...Map.groupBy(ignored, ({ reason }) => reason)]
  const [reason = '', some = []] = byReason[0] ?? []
  const first = `${fewNames(some.map(({ path }) => path))}: ${reason}`
  const others = byReason.length > 1 ? ' -o json lists them all.' : ''
  return [`${files} left out by include and exclude: ${first}${others}`]
}

/** The number of changes by kind, then the number of findings. */
function planHeadline(plan: Plan, findings: readonly Finding[]): string {
  const byKind = Map.groupBy(changesOf(plan), kindOf)
  const todo = CHANGE_KINDS.flatMap((kind) => {
    const count = byKind.get(kind)?.length ?? 0
    return count === 0 ? [] : [`${kind} ${count}`]
  })
  const { text: found } = verdictOf(countFindings(findings))
  const nothing = plan.set === null ? 'nothing to change' : 'only the set moves,'
  const what = todo.length === 0 ? nothing : todo.join(', ')
  const but = found === '' ? '' : `; ${found}`
  return `${plan.source}: ${what} at ${plan.branch} ${plan.commit.slice(0, 12)}${but}`
}

/**
 * A name, and a version that is pushed only to be named, do not change what agents get by default. All other changes
 * have a line each.
 */
function effectiveIn(changes: readonly PlannedChange[]): (change: PlannedChange) => boolean {
  const promoted = new Set(changes.flatMap((change) => (change.do === 'promote' ? [keyOf(change)] : [])))
  return (change) =>
    change.do === 'push' ? change.latest || promoted.has(keyOf(change)) : kindOf(change) !== 'name'
}

function keyOf({ id, identity }: PromoteChange | PushChange): string {
  return `${id} ${identity}`
}

/** The changes of older releases, one line per prompt, so that a large release does not hide the rest. */
function nameLines(groups: readonly PromptChanges[], isShown: (change: PlannedChange) => boolean): string[] {
  const named = groups
    .map(({ id, changes }) => ({ id, changes: changes.filter((change) => !isShown(change)) }))
    .filter(({ changes }) => changes.length > 0)
  const lines = named.slice(0, MOST_NAME_LINES).map(({ id, changes }) => {
    const releases = changes.flatMap((change) => ('release' in change ? [nameOf(change)] : []))
    const pushes = changes.filter((change) => change.do === 'push').length
    const versions = pushes === 0 ? '' : ` (pushes ${pushes === 1 ? '1 version' : `${pushes} versions`})`
    return `name     ${id}: ${fewNames(releases)}${versions}`
  })
  const more = named.length - lines.length
  return more > 0 ? [...lines, `name     ${more} more prompts get only names`] : lines
}

function nameOf(change: Extract<PlannedChange, { readonly release: string }>): string {
  const waits = change.do === 'name' && change.standing === 'waits'
  return waits ? `${change.release} (waits)` : change.release
}

function setLines({ set }: Plan): string[] {
  if (set === null) return []
  const counts = [`${set.added} added`, `${set.replaced} replaced`, `${set.removed} removed`]
  const to = set.release === null ? 'what the prompts serve' : set.release.tag
  return [
    `set      moves to ${to}: ${counts.filter((one) => !one.startsWith('0 ')).join(', ') || 'the same versions'}`,
  ]
}

function changeLine(change: PlannedChange): string {
  const { id } = change
  switch (change.do) {
    case 'push':
      return `push     ${id}@${change.version}  ${change.path}${change.latest ? '' : '  (not latest)'}`
    case 'promote': {
      const was = change.from === null ? 'nothing was stable' : `was ${change.from}`
      return `promote  ${id}@${change.version} as ${change.release}  (tag ${change.tag}, ${was})`
    }
    case 'name':
      return `name     ${id}@${change.version} as ${change.release}  (tag ${change.tag})`
    case 'archive':
      return `archive  ${id}  (${change.movedTo === null ? 'gone from the branch' : `moved to ${change.movedTo}`})`
    case 'retire':
      return `retire   ${id} at ${change.release}  (tag ${change.tag})`
    case 'heal': {
      const { stable, latest } = change
      const what = [stable && `stable ${stable.version}`, latest && `latest ${latest.version}`]
      return `heal     ${id}: ${what.filter((one) => one !== null).join(', ')}`
    }
    default:
      return change satisfies never
  }
}
