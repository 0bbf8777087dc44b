import { createHash } from 'node:crypto'
import { filesSentence } from '../../api/contract/file-changes.ts'
import { nextMajor, stepOfChanges } from '../../api/contract/input-contract.ts'
import { useClause } from '../../api/contract/prompt-use.ts'
import { inputsSentence } from '../prompts/change-note.ts'
import { code, fenced, htmlCode } from './markdown.ts'
import { counted, headlineOf } from './pull-request-headline.ts'
import type { PromptDifference, PullRequestPlan } from './pull-request-plan.ts'

/** GitHub counts characters. UTF-16 code units, which are counted here, are never fewer. */
export const MOST_CHARACTERS = 65_536
/** Limits for the lists of names, so that diffs have room. */
const MOST_LISTED = {
  differences: 16_000,
  quarantined: 8_000,
  refused: 8_000,
  promotions: 8_000,
  inputs: 8_000,
}

/** The start of a reporter's comment. A digest of the text completes the line. */
export function markerOf(reporter: string): string {
  return `<!-- prompt-registry:${reporter} `
}

/** The digest in the first line of a comment; empty if there is none. */
export function digestOf(body: string): string {
  return /^<!-- prompt-registry:\S+ ([0-9a-f]{64}) -->/.exec(body)?.[1] ?? ''
}

/** Whether the plan has nothing to report. */
export function isQuiet({ differences, quarantined, refused, layout }: PullRequestPlan): boolean {
  return differences.length + quarantined.length + refused.length === 0 && layout === null
}

/** The comment, within the host's limit. The longest diffs are omitted first. Pure. */
export function pullRequestComment(plan: PullRequestPlan, reporter: string): string {
  const before = [`### ${headlineOf(plan, code(reporter))}`, notes(plan)].filter((part) => part !== '')
  const after = [inputsList(plan), quarantineList(plan), refusedList(plan), promotionList(plan)].filter(
    (part) => part !== '',
  )
  const taken = [...before, ...after].reduce(
    (sum, part) => sum + part.length + 2,
    markerLine(reporter, '').length,
  )
  const differences = differenceParts(plan, MOST_CHARACTERS - taken)
  const text = [...before, ...differences, ...after].join('\n\n')
  return `${markerLine(reporter, text)}\n${text}\n`
}

function markerLine(reporter: string, text: string): string {
  return `${markerOf(reporter)}${createHash('sha256').update(text).digest('hex')} -->`
}

function notes({ commit, branch, base, layout, massChange }: PullRequestPlan): string {
  return [
    `Commit ${code(commit.slice(0, 12))}, compared with ${code(branch)} at ${code(base.slice(0, 12))}.`,
    ...(layout === null ? [] : [`**Layout.** ${code(layout, 400)}`]),
    ...(massChange === null
      ? []
      : [`**The pass after a merge would be held**, because it is a mass change: ${code(massChange, 800)}`]),
  ].join('\n\n')
}

function differenceParts(plan: PullRequestPlan, room: number): string[] {
  const listed = within(plan.differences, (one) => line(one).length + 1, MOST_LISTED.differences)
  const unlisted = plan.differences.length - listed.length
  const blocks = listed.map(blockOf)
  const shown = withinRoom(
    listed.map((one, index) => ({ line: line(one), block: blocks[index] ?? null })),
    room - 400,
  )
  const hidden = unlisted + shown.filter((part) => part === null).length
  const parts = listed.map((one, index) => shown[index] ?? line(one))
  const more = unlisted === 0 ? [] : [`- and ${unlisted} more`]
  const command = code(`promptctl plan --pull-request ${plan.pullRequest} ${plan.source}`)
  return [
    ...parts,
    ...more,
    ...(hidden === 0
      ? []
      : [`${counted(hidden, 'diff is', 'diffs are')} left out here; ${command} prints them.`]),
  ]
}

/** The blocks that fit. A block that does not fit is replaced by its line, the longest first. */
function withinRoom(
  parts: readonly { readonly line: string; readonly block: string | null }[],
  room: number,
): (string | null)[] {
  const shown = parts.map(({ block }) => block)
  const sizeOf = (index: number) => 2 + (shown[index] ?? parts[index]?.line ?? '').length
  let size = parts.reduce((sum, _, index) => sum + sizeOf(index), 0)
  const longestFirst = [...parts.keys()].sort((a, b) => sizeOf(b) - sizeOf(a))
  for (const index of longestFirst) {
    if (size <= room) break
    size -= sizeOf(index)
    shown[index] = null
    size += sizeOf(index)
  }
  return shown
}

/** A prompt of which only other files differ has no diff to show. */
function blockOf(one: PromptDifference): string | null {
  if (one.diff === null) return null
  return one.diff === '' ? line(one) : block(one, one.diff)
}

function line(one: PromptDifference): string {
  return `- ${one.change}: ${code(one.id)} (${code(one.path)})${phrases(one, code)}`
}

function block(one: PromptDifference, diff: string): string {
  const summary = `${one.change}: ${htmlCode(one.id)} (${htmlCode(one.path)})${phrases(one, htmlCode)}`
  return `<details><summary>${summary}</summary>\n\n${fenced('diff', diff)}\n\n</details>`
}

/** What else is known about the change. */
function phrases(
  { movedTo, note, use }: PromptDifference,
  asCode: (text: string, most?: number) => string,
): string {
  const target = movedTo === null ? '' : `, moved to ${asCode(movedTo)}`
  const prefix = note.prefix === null ? '' : `; cached prefix changes at byte ${note.prefix}`
  const files = note.files === null ? '' : `; ${asCode(filesSentence(note.files), 400)}`
  const readers = use === null ? '' : `; ${asCode(useClause(use), 400)}`
  return target + prefix + files + readers
}

function inputsList({ differences }: PullRequestPlan): string {
  const changed = differences.filter(({ note }) => note.inputs.length > 0)
  if (changed.length === 0) return ''
  const lines = changed.map((one) => `- ${code(one.id)}: ${code(inputsText(one), 400)}`)
  const isBreaking = changed.some(({ note }) => stepOfChanges(note.inputs) === 'major')
  const step = isBreaking ? ' Callers break, so release it as a major version.' : ''
  const title = `**Changed inputs**: ${counted(changed.length, 'prompt', 'prompts')}.${step}`
  return [title, '', ...cut(lines, MOST_LISTED.inputs)].join('\n')
}

/** The changes of one prompt, and the release that they need. */
function inputsText({ note, stableRelease }: PromptDifference): string {
  const sentence = inputsSentence(note) ?? ''
  const isBreaking = stableRelease !== null && stepOfChanges(note.inputs) === 'major'
  return isBreaking ? `Release as ${nextMajor(stableRelease)}. ${sentence}` : sentence
}

function quarantineList({ quarantined }: PullRequestPlan): string {
  if (quarantined.length === 0) return ''
  const lines = quarantined.map(({ path, reason }) => `- ${code(path)}: ${code(reason, 400)}`)
  const title = `**Would be quarantined**, and not become a version: ${counted(quarantined.length, 'file', 'files')}`
  return [title, '', ...cut(lines, MOST_LISTED.quarantined)].join('\n')
}

function refusedList({ refused }: PullRequestPlan): string {
  if (refused.length === 0) return ''
  const lines = refused.map(({ id, reason }) => `- ${code(id)}: ${code(reason, 400)}`)
  const title = `**Would be refused** by the registry: ${counted(refused.length, 'prompt', 'prompts')}`
  return [title, '', ...cut(lines, MOST_LISTED.refused)].join('\n')
}

function promotionList({ promotions }: PullRequestPlan): string {
  if (promotions.length === 0) return 'A release after the merge would promote nothing.'
  const names = cut(
    promotions.map((id) => code(id)),
    MOST_LISTED.promotions,
    '',
  )
  return `**A release after the merge would promote** ${counted(promotions.length, 'prompt', 'prompts')}: ${names.join(', ')}`
}

function cut(items: readonly string[], room: number, bullet = '- '): string[] {
  const kept = within(items, (item) => item.length + 2, room)
  const more = items.length - kept.length
  return more === 0 ? kept : [...kept, `${bullet}and ${more} more`]
}

/** The first items that fit. */
function within<T>(items: readonly T[], sizeOf: (item: T) => number, room: number): T[] {
  let left = room
  const end = items.findIndex((item) => {
    left -= sizeOf(item)
    return left < 0
  })
  return items.slice(0, end === -1 ? items.length : end)
}
