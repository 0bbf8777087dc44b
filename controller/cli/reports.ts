import { alikeFindings } from '../../api/contract/alike-findings.ts'
import { countsText } from '../findings/counts-text.ts'
import { classOf, type FindingCode } from '../findings/finding.ts'
import type { PassReport, ReportedFinding } from '../state/pass-report.ts'
import { fewNames } from './cells.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { printLine } from './output.ts'

/** How many findings of one code are shown. */
const MOST_LIKE_IT = 5
const MOST_REASONS = 10

type ShownFinding = Pick<ReportedFinding, 'code' | 'subject' | 'message'> & {
  readonly cause?: string | null | undefined
}

export interface ReportOptions {
  /** Before the headline, such as the time. */
  readonly at?: string
  /** Whether all findings are printed. */
  readonly isFirst?: boolean
}

/** Prints a pass: a headline, then its new and changed findings, and a line for the others. If nothing changed, it only points to the findings. */
export function printReport(
  runtime: CliRuntime,
  report: PassReport,
  { at = '', isFirst = false }: ReportOptions = {},
): void {
  const { source, result, cause, findings } = report
  printLine(runtime, `${at}${headline(report)}`)
  if (cause !== null) printLine(runtime, `  cause: ${cause}`)
  if (result === 'unchanged' || result === 'incomplete' || result === 'held') {
    if (findings.length > 0)
      printLine(runtime, `  Run "promptctl sources ${source}" to see what needs attention.`)
    return
  }
  const news = new Set(isFirst ? findings : report.news)
  for (const line of findingLines([...news])) printLine(runtime, `  ${line}`)
  const known = findings.filter((finding) => !news.has(finding))
  if (known.length > 0) printLine(runtime, `  ${foldedLine(known, source)}`)
}

/** Findings that are as an earlier pass printed them, by code. */
function foldedLine(known: readonly ReportedFinding[], source: string): string {
  const counts = [...Map.groupBy(known, ({ code }) => code.replaceAll('_', ' '))].map(
    ([word, all]) => `${all.length} ${word}`,
  )
  return `as before: ${counts.join(', ')} ("promptctl sources ${source}" shows them)`
}

export function headline({ source, result, commit, counts, message }: PassReport): string {
  const at = commit === null ? '' : ` at ${commit.slice(0, 12)}`
  // The message of a failed or held pass is enough.
  const numbers = result === 'failed' || result === 'held' ? '' : countsText(counts)
  const what = numbers === '' ? '' : `: ${numbers}`
  return `${source}: ${result}${at}${what}${message === null ? '' : ` (${message})`}`
}

/** Lines for findings: quarantined files grouped by reason, and a few different findings of each other code. */
export function findingLines(findings: readonly ShownFinding[]): string[] {
  const byCode = [...Map.groupBy(findings, ({ code }) => code)]
  return byCode.flatMap(([code, alike]) =>
    code === 'quarantined' ? quarantineLines(alike) : few(code, alike),
  )
}

/** Groups files by reason, with at most two lines for each. */
export function quarantineLines(files: readonly Pick<ShownFinding, 'subject' | 'message'>[]): string[] {
  const byReason = [...Map.groupBy(files, ({ message }) => message)]
  const shown = byReason.slice(0, MOST_REASONS).flatMap(([reason, alike]) => {
    const paths = alike.map(({ subject }) => subject.name)
    if (paths.length === 1) return [`quarantined ${paths[0]}: ${reason}`]
    return [`quarantined ${paths.length} files: ${reason}`, `  ${fewNames(paths)}`]
  })
  const rest = byReason.slice(MOST_REASONS).reduce((sum, [, alike]) => sum + alike.length, 0)
  return rest === 0 ? shown : [...shown, `quarantined ${rest} more files (-o json shows all)`]
}

function few(code: FindingCode, alike: readonly ShownFinding[]): string[] {
  const groups = alikeFindings(alike)
  const lines = groups.slice(0, MOST_LIKE_IT).map(groupLine)
  const more = groups.slice(MOST_LIKE_IT).reduce((sum, group) => sum + group.length, 0)
  return more > 0 ? [...lines, `${titleOf(code)}: ${more} more (-o json shows all)`] : lines
}

/** One line for findings that differ only in their subject. */
function groupLine([first, ...others]: [ShownFinding, ...ShownFinding[]]): string {
  const line = findingLine(first)
  if (others.length === 0) return line
  return `${line} The same for ${fewNames(others.map(({ subject }) => subject.name))}.`
}

/** Omits the subject if the message names it. */
export function findingLine({ code, subject, message, cause = null }: ShownFinding): string {
  const about = subject.name === '' || message.includes(subject.name) ? '' : ` ${subject.name}`
  const because = cause === null ? '' : ` (cause: ${cause})`
  return `${titleOf(code)}${about}: ${message}${because}`
}

/** Marks notices, because they need no action. */
function titleOf(code: FindingCode): string {
  const title = code.replaceAll('_', ' ')
  return classOf(code) === 'notice' ? `notice: ${title}` : title
}
