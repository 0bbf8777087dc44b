import type { PassReport } from '../pass.ts'
import { printLine } from './output.ts'
import type { World } from './world.ts'

const MOST_SHOWN = 20
const WORDS = ['pushed', 'promoted', 'named', 'held', 'lower', 'refused', 'failed', 'quarantined'] as const

/** Whether nothing failed, was refused or was quarantined. */
export function isClean({ result, counts }: PassReport): boolean {
  return (result === 'synced' || result === 'unchanged') && !counts.quarantined && !counts.refused
}

/** A pass for people: a line of what happened, then what needs somebody. */
export function printReport(world: World, report: PassReport): void {
  printLine(world, headline(report))
  const needs = [
    ...report.quarantined.map(({ path, reason }) => `quarantined  ${path}: ${reason}`),
    ...report.findings.map(({ kind, subject, message }) => `${kind.padEnd(11)}  ${subject}: ${message}`),
  ]
  for (const line of needs.slice(0, MOST_SHOWN)) printLine(world, `  ${line}`)
  if (needs.length > MOST_SHOWN)
    printLine(world, `  … and ${needs.length - MOST_SHOWN} more (-o json shows all)`)
}

export function headline({ source, result, commit, counts, message }: PassReport): string {
  const numbers = WORDS.flatMap((word) => (counts[word] ? [`${counts[word]} ${word}`] : []))
  const at = commit === null ? '' : ` at ${commit.slice(0, 12)}`
  const what = numbers.length === 0 ? '' : `: ${numbers.join(', ')}`
  return `${source}: ${result}${at}${what}${message === null ? '' : ` (${message})`}`
}
