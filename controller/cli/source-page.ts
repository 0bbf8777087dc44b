import type { SourceDocument } from '../../api/contract/registry-api.ts'
import { LAYOUT_FILE } from '../desired/repository-layout.ts'
import { countsText } from '../state/counts-text.ts'
import { parseState, type SourceState } from '../state/source-state.ts'
import { age, NONE, time } from './cells.ts'
import { printLine } from './output.ts'
import type { World } from './world.ts'

/** All that the registry keeps of one source, every quarantined file and finding included. */
export function printSource(world: World, source: SourceDocument): void {
  const state = parseState(source.state)
  const facts = [...(state === null ? unknownFacts(source) : stateFacts(state, world)), ...leaseFacts(source)]
  const width = Math.max(...facts.map(([name]) => name.length))
  printLine(world, source.name)
  for (const [name, value] of facts) printLine(world, `  ${name.padEnd(width)}  ${value}`)
  if (state === null) return
  printConditions(world, state)
  printPasses(world, state)
  printNeeds(world, state)
}

type Fact = readonly [name: string, value: string]

function unknownFacts(source: SourceDocument): Fact[] {
  const known = source.state === null ? 'nothing yet' : 'written by another version of the controller'
  return [
    ['state', known],
    ['updated', `${time(source.updated_at)} UTC`],
  ]
}

function stateFacts(state: SourceState, { now }: World): Fact[] {
  const { last_pass: pass, checked_at, complete_at, watermark, retry, layout } = state
  const counts = pass === null ? '' : countsText(pass.counts)
  return [
    ['result', pass?.result ?? NONE],
    ...(pass?.message == null ? [] : [['message', pass.message] as const]),
    ['looked', `${time(checked_at)} UTC (${age(checked_at, now())})`],
    [
      'complete',
      complete_at === null ? 'never yet' : `${time(complete_at)} UTC (${age(complete_at, now())})`,
    ],
    ['commit', watermark?.commit ?? NONE],
    ...(layout === null ? [] : [['layout', `${LAYOUT_FILE} at ${layout.commit.slice(0, 12)}`] as const]),
    ['last pass', counts === '' ? 'changed nothing' : counts],
    ...(retry === null
      ? []
      : [['next try', `${time(retry.not_before)} UTC, after ${retry.attempt}`] as const]),
    ...quotaFacts(state),
  ]
}

function printConditions(world: World, { conditions }: SourceState): void {
  for (const { type, status, reason, message, since } of conditions) {
    const word = type === 'Held' || status === 'True' ? '' : ` (${reason})`
    printLine(world, `  ${type} ${status}${word} since ${time(since)} UTC: ${message}`)
  }
}

function printPasses(world: World, { passes }: SourceState): void {
  if (passes.length === 0) return
  printLine(world, '  the last passes:')
  for (const { result, kind, finished_at, duration_ms, commit, counts, times } of passes) {
    const numbers = countsText(counts)
    const often = times === 1 ? '' : `, ${times} times`
    const at = commit === null ? '' : ` at ${commit.slice(0, 12)}`
    const what = numbers === '' ? '' : `: ${numbers}`
    const how = kind === 'none' ? '' : ` ${kind}`
    printLine(world, `    ${time(finished_at)} UTC  ${result}${how}${at} in ${duration_ms} ms${often}${what}`)
  }
}

/** Where a host counts requests, an empty account explains why nothing moves. */
function quotaFacts({ quotas }: SourceState): Fact[] {
  return quotas.map(({ resource, limit, remaining, reset_at }) => [
    'quota',
    `${remaining} of ${limit} requests are left (${resource}), all again at ${time(reset_at)} UTC`,
  ])
}

function leaseFacts({ lease, ledger_length }: SourceDocument): Fact[] {
  const tags: Fact = ['tags', `${ledger_length} counted`]
  if (lease === null) return [tags]
  return [tags, ['at work', `${lease.holder}, until ${time(lease.expires_at)} UTC at the latest`]]
}

function printNeeds(world: World, { quarantined, findings, last_pass }: SourceState): void {
  for (const { path, reason } of quarantined) printLine(world, `  quarantined ${path}: ${reason}`)
  const more = (last_pass?.counts.quarantined ?? 0) - quarantined.length
  if (more > 0)
    printLine(world, `  quarantined ${more} more files; "promptctl plan --full" lists all of them`)
  for (const { kind, subject, message } of findings)
    printLine(world, `  ${kind.replaceAll('_', ' ')} ${subject}: ${message}`)
}
