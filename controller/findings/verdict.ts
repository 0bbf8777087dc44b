import { type Finding, type FindingCode, reasonOf } from './finding.ts'
import { codesOf, type FindingCounts } from './findings.ts'

/**
 * The verdict on a source's findings: the condition `Ready`, the exit code and the log level. One function decides
 * all three, so that they agree on every run. Pure.
 */
export interface Verdict {
  /** `problem`: a person must act. `hold`: something is held on purpose. */
  readonly class: 'ready' | 'hold' | 'problem'
  /** The reason of the condition `Ready`, such as `Synced` or `Quarantined`. */
  readonly reason: string
  /** Counts by code, most severe first: "2 refused, 1 quarantined"; empty if none. */
  readonly text: string
  readonly exitCode: 0 | 1
  readonly level: 'info' | 'warn'
}

export function verdictOf(counts: FindingCounts): Verdict {
  const problems = codesOf(counts, 'problem')
  const holds = codesOf(counts, 'hold')
  const [gravest] = [...problems, ...holds]
  const isProblem = problems.length > 0
  return {
    class: isProblem ? 'problem' : holds.length > 0 ? 'hold' : 'ready',
    reason: gravest === undefined ? 'Synced' : reasonOf(gravest),
    text: [...problems, ...holds].map((code) => countedCode(code, counts[code] ?? 0)).join(', '),
    exitCode: isProblem ? 1 : 0,
    level: isProblem ? 'warn' : 'info',
  }
}

/** The most severe of these findings; of several with its code, the first. */
export function gravestOf(findings: readonly Finding[], counts: FindingCounts): Finding | undefined {
  const codes = [...codesOf(counts, 'problem'), ...codesOf(counts, 'hold')]
  for (const code of codes) {
    const found = findings.find((finding) => finding.code === code)
    if (found !== undefined) return found
  }
  return undefined
}

export function countedCode(code: FindingCode, count: number): string {
  return `${count} ${code.replaceAll('_', ' ')}`
}
