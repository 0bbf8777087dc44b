import type { Finding } from '../findings/finding.ts'
import { countFindings } from '../findings/findings.ts'
import { verdictOf } from '../findings/verdict.ts'
import type { Preview } from '../pass/planning.ts'
import { CHANGE_KINDS, kindOf, type PlannedChange, type PromptChanges } from '../plan/changes.ts'
import { changesOf, type Plan } from '../plan/plan.ts'
import { type ChangeNote, NO_NOTE, noteLines } from '../prompts/change-note.ts'
import { fewNames } from './cells.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { indented, printLine, printParagraph } from './output.ts'
import { findingLines } from './reports.ts'

/** Prompts that only get names are less important: agents get the same content. */
const MOST_NAME_LINES = 5

/** Prints a plan: first the changes to what agents get, with diffs, then names, then findings. */
export function printPlan(runtime: CliRuntime, { plan, diffs, notes, findings }: Preview): void {
  const groups = [...plan.current, ...plan.backfill]
  const changes = changesOf(plan)
  printLine(runtime, planHeadline(plan, findings))
  if (plan.massChange !== null)
    printLine(
      runtime,
      `  held: ${plan.massChange.message} Run "promptctl sync ${plan.source} --confirm" to apply it.`,
    )
  for (const change of changes.filter(isEffective)) {
    printLine(runtime, `  ${changeLine(change)}`)
    for (const line of inputLines(notes.get(change))) printLine(runtime, `      ${line}`)
    const diff = diffs.get(change)
    if (diff === null) printLine(runtime, '      (the diff is too long to show)')
    else if (diff !== undefined && diff !== '') printParagraph(runtime, indented(diff, 6))
  }
  for (const line of nameLines(groups)) printLine(runtime, `  ${line}`)
  for (const line of findingLines(findings)) printLine(runtime, `  ${line}`)
  const { length } = plan.ignored
  const files = length === 1 ? '1 file is' : `${length} files are`
  if (length > 0) printLine(runtime, `  ${files} left out by include and exclude (-o json lists them)`)
}

/** Most changes of content move the prefix, so a plan shows it only with changed inputs. */
function inputLines(note: ChangeNote = NO_NOTE): string[] {
  return note.inputs.length === 0 ? [] : noteLines(note)
}

/** The number of changes by kind, then a summary of the findings. */
function planHeadline(plan: Plan, findings: readonly Finding[]): string {
  const byKind = Map.groupBy(changesOf(plan), kindOf)
  const todo = CHANGE_KINDS.flatMap((kind) => {
    const count = byKind.get(kind)?.length ?? 0
    return count === 0 ? [] : [`${kind} ${count}`]
  })
  const { text: summary } = verdictOf(countFindings(findings))
  const what = todo.length === 0 ? 'nothing to change' : todo.join(', ')
  const but = summary === '' ? '' : `; ${summary}`
  return `${plan.source}: ${what} at ${plan.branch} ${plan.commit.slice(0, 12)}${but}`
}

/** A version or a name of an older release does not change what agents get by default. */
function isEffective(change: PlannedChange): boolean {
  return change.do === 'push' ? change.latest : kindOf(change) !== 'name'
}

/** The changes of older releases, one line per prompt, so that a large release does not hide the rest. */
function nameLines(groups: readonly PromptChanges[]): string[] {
  const named = groups
    .map(({ id, changes }) => ({ id, changes: changes.filter((change) => !isEffective(change)) }))
    .filter(({ changes }) => changes.length > 0)
  const lines = named.slice(0, MOST_NAME_LINES).map(({ id, changes }) => {
    const releases = changes.flatMap((change) => ('release' in change ? [nameOf(change)] : []))
    const pushes = changes.filter((change) => change.do === 'push').length
    const versions = pushes === 0 ? '' : ` (${pushes === 1 ? '1 new version' : `${pushes} new versions`})`
    return `name     ${id}: ${fewNames(releases)}${versions}`
  })
  const more = named.length - lines.length
  return more > 0 ? [...lines, `name     ${more} more prompts get names only`] : lines
}

function nameOf(change: Extract<PlannedChange, { readonly release: string }>): string {
  const waits = change.do === 'name' && change.standing === 'waits'
  return waits ? `${change.release} (waits)` : change.release
}

function changeLine(change: PlannedChange): string {
  const { id } = change
  switch (change.do) {
    case 'push':
      return `push     ${id}@${change.version}  ${change.path}`
    case 'promote': {
      const was = change.from === null ? 'nothing was stable' : `was ${change.from}`
      return `promote  ${id}@${change.version} as ${change.release}  (tag ${change.tag}, ${was})`
    }
    case 'name':
      return `name     ${id}@${change.version} as ${change.release}  (tag ${change.tag})`
    case 'archive':
      return `archive  ${id}  (gone from the branch)`
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
