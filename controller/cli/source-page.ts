import { alikeFindings } from '../../api/contract/alike-findings.ts'
import type { SourceDocument } from '../../api/contract/registry-api.ts'
import { countsText } from '../findings/counts-text.ts'
import type { Finding } from '../findings/finding.ts'
import { LAYOUT_FILE } from '../prompts/repository-layout.ts'
import { isHidden, parseState, type SourceState } from '../state/source-state.ts'
import { age, NONE, time } from './cells.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { printLine } from './output.ts'
import { findingLine } from './reports.ts'

/** Prints the state of one source, with its findings. `isGone`: the configuration no longer has the source. */
export function printSource(
  runtime: CliRuntime,
  source: SourceDocument,
  findings: readonly Finding[],
  isGone: boolean,
): void {
  const state = parseState(source.state)
  const facts = [
    ...(isGone ? [notConfigured(source.name)] : []),
    ...(state === null ? unknownFacts(source) : stateFacts(state, runtime)),
    ...leaseFacts(source),
  ]
  const width = Math.max(...facts.map(([name]) => name.length))
  printLine(runtime, source.name)
  for (const [name, value] of facts) printLine(runtime, `  ${name.padEnd(width)}  ${value}`)
  if (state === null) return
  printConditions(runtime, state)
  printPasses(runtime, state)
  printFindings(runtime, findings)
}

/** Instead of a state. */
export const HIDDEN = 'hidden: this token sees no drafts; use one with write access'

type Fact = readonly [name: string, value: string]

function notConfigured(name: string): Fact {
  return [
    'not configured',
    `nothing here syncs it; if no other controller does, run "promptctl sources forget ${name}"`,
  ]
}

function unknownFacts(source: SourceDocument): Fact[] {
  if (source.forgotten !== null) return [['forgotten', forgottenText(source.forgotten)]]
  return [
    ['state', unknownText(source)],
    ['updated', `${time(source.updated_at)} UTC`],
  ]
}

function unknownText(source: SourceDocument): string {
  if (isHidden(source)) return HIDDEN
  return source.state === null ? 'nothing yet' : 'written by another version of the controller'
}

function forgottenText({ at, actor, reason, deleted }: NonNullable<SourceDocument['forgotten']>): string {
  const because = reason === null ? '' : ` (${reason})`
  return `${time(at)} UTC by ${actor}${because}; its prompts were ${deleted ? 'deleted' : 'archived'}`
}

function stateFacts(state: SourceState, { now }: CliRuntime): Fact[] {
  const { last_pass: pass, checked_at, complete_at, watermark, retry, layout } = state
  const counts = pass === null ? '' : countsText(pass.counts)
  return [
    ['result', pass?.result ?? NONE],
    ...(pass?.message == null ? [] : [['message', pass.message] as const]),
    ['checked', `${time(checked_at)} UTC (${age(checked_at, now())})`],
    ['complete', complete_at === null ? 'never' : `${time(complete_at)} UTC (${age(complete_at, now())})`],
    ['commit', watermark?.commit ?? NONE],
    ...(layout === null ? [] : [['layout', `${LAYOUT_FILE} at ${layout.commit.slice(0, 12)}`] as const]),
    ['last pass', counts === '' ? 'changed nothing' : counts],
    ...(retry === null
      ? []
      : [['next retry', `${time(retry.not_before)} UTC (attempt ${retry.attempt})`] as const]),
    ...quotaFacts(state),
  ]
}

function printConditions(runtime: CliRuntime, { conditions }: SourceState): void {
  for (const { type, status, reason, message, since } of conditions) {
    const word = ` (${reason})`
    printLine(runtime, `  ${type} ${status}${word} since ${time(since)} UTC: ${message}`)
  }
}

function printPasses(runtime: CliRuntime, { passes }: SourceState): void {
  if (passes.length === 0) return
  printLine(runtime, '  recent passes:')
  for (const { result, kind, finished_at, duration_ms, commit, counts, times } of passes) {
    const numbers = countsText(counts)
    const often = times === 1 ? '' : `, ${times} times`
    const at = commit === null ? '' : ` at ${commit.slice(0, 12)}`
    const what = numbers === '' ? '' : `: ${numbers}`
    const how = kind === 'none' ? '' : ` ${kind}`
    printLine(
      runtime,
      `    ${time(finished_at)} UTC  ${result}${how}${at} in ${duration_ms} ms${often}${what}`,
    )
  }
}

/** An exhausted rate limit explains why a source makes no progress. */
function quotaFacts({ quotas }: SourceState): Fact[] {
  return quotas.map(({ resource, limit, remaining, reset_at }) => [
    'quota',
    `${remaining} of ${limit} requests left (${resource}), reset at ${time(reset_at)} UTC`,
  ])
}

function leaseFacts({ lease, ledger_length }: SourceDocument): Fact[] {
  const tags: Fact = ['tags', `${ledger_length} counted`]
  if (lease === null) return [tags]
  return [tags, ['lease', `${lease.holder}, until ${time(lease.expires_at)} UTC at the latest`]]
}

/** Prints each different finding with its age, and the tags that it lists. */
function printFindings(runtime: CliRuntime, findings: readonly Finding[]): void {
  if (findings.length === 0) return
  printLine(runtime, '  findings:')
  for (const group of alikeFindings(findings)) {
    const [first, ...others] = group
    printLine(runtime, `    ${findingLine(first)} (since ${time(first.first_seen)} UTC)`)
    if (others.length > 0)
      printLine(runtime, `      the same for ${others.map(({ subject }) => subject.name).join(', ')}`)
    const tags = first.details?.tags
    if (Array.isArray(tags)) printLine(runtime, `      ${tags.join(', ')}`)
  }
}
