import type { PassReport } from '../pass/pass-report.ts'
import type { Quarantined } from '../plan/observed.ts'
import { countsText } from '../state/counts-text.ts'
import { fewNames } from './cells.ts'
import { printLine } from './output.ts'
import type { World } from './world.ts'

/** Lines of one kind that are shown. */
const MOST_LIKE_IT = 5
const MOST_REASONS = 10

type Needs = Pick<PassReport, 'quarantined' | 'findings'>

/** A pass for people: a line of what happened, then what needs somebody. What was known before is not told again. */
export function printReport(world: World, report: PassReport): void {
  printLine(world, headline(report))
  const { source, result, quarantined, findings } = report
  if (result !== 'unchanged') for (const line of needLines(report)) printLine(world, `  ${line}`)
  else if (quarantined.length + findings.length > 0)
    printLine(world, `  "promptctl sources ${source}" shows what needs somebody.`)
}

export function headline({ source, result, commit, counts, message }: PassReport): string {
  const at = commit === null ? '' : ` at ${commit.slice(0, 12)}`
  const numbers = countsText(counts)
  const what = numbers === '' ? '' : `: ${numbers}`
  return `${source}: ${result}${at}${what}${message === null ? '' : ` (${message})`}`
}

/** What needs somebody, shortened: files with one reason together, and a few findings of each kind. */
export function needLines({ quarantined, findings }: Needs): string[] {
  return [...quarantineLines(quarantined), ...findingLines(findings)]
}

/** Files of one reason in two lines, however many they are. */
export function quarantineLines(quarantined: readonly Quarantined[]): string[] {
  const byReason = [...Map.groupBy(quarantined, ({ reason }) => reason)]
  const shown = byReason.slice(0, MOST_REASONS).flatMap(([reason, files]) => {
    const paths = files.map(({ path }) => path)
    if (paths.length === 1) return [`quarantined ${paths[0]}: ${reason}`]
    return [`quarantined ${paths.length} files: ${reason}`, `  ${fewNames(paths)}`]
  })
  const rest = byReason.slice(MOST_REASONS).reduce((sum, [, files]) => sum + files.length, 0)
  return rest === 0 ? shown : [...shown, `quarantined ${rest} more files (-o json shows all)`]
}

function findingLines(findings: PassReport['findings']): string[] {
  const byKind = [...Map.groupBy(findings, ({ kind }) => kind)]
  return byKind.flatMap(([kind, alike]) => {
    const word = kind.replaceAll('_', ' ')
    const lines = alike.slice(0, MOST_LIKE_IT).map(({ subject, message }) => `${word} ${subject}: ${message}`)
    const more = alike.length - lines.length
    return more > 0 ? [...lines, `${word}: ${more} more (-o json shows all)`] : lines
  })
}
