import type { FindingDocument } from './registry-api.ts'

type Shown = Pick<FindingDocument, 'code' | 'subject' | 'message'> & {
  readonly cause?: string | null | undefined
}

/**
 * Groups findings that differ only in the name of their subject, in the order of the first one of each group. For
 * people, who need not read the same sentence a hundred times.
 *
 * `alikeFindings([{ code, subject: v1, message: 'Tag v1 is empty.' }, { code, subject: v2, message: 'Tag v2 is empty.' }])`
 * is one group of two.
 */
export function alikeFindings<F extends Shown>(findings: readonly F[]): [first: F, ...others: F[]][] {
  const groups = Map.groupBy(findings, ({ code, subject: { kind, name }, message, cause }) =>
    JSON.stringify([code, kind, name === '' ? [message] : message.split(name), cause]),
  )
  return [...groups.values()] as [F, ...F[]][]
}
