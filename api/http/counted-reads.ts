import { APPLICATION_HEADER, countedApplication } from '../contract/application.ts'
import type { ReadVersion, ReportRead } from '../registry/report-read.ts'
import type { RoutedRequest } from './request.ts'

/** Counts that an application read a version. Must neither throw nor wait. */
export type CountRead = (application: string, read: ReadVersion) => void

/** The reads of one request, counted once it was answered. */
export interface RequestReads {
  readonly report: ReportRead
  readonly all: readonly ReadVersion[]
  count(): void
}

/** Undefined if the reads of the request are not counted: it reads no prompt, or comes from a tool of ours. */
export function readsOf(
  { countsReads }: { readonly countsReads?: boolean },
  { raw }: RoutedRequest,
  countRead: CountRead | undefined,
): RequestReads | undefined {
  if (countRead === undefined || !countsReads) return undefined
  const all: ReadVersion[] = []
  return {
    all,
    report: (read) => void all.push(read),
    count: () => countReads(countRead, raw.headers.get(APPLICATION_HEADER) ?? undefined, all),
  }
}

export function countReads(
  countRead: CountRead,
  header: string | undefined,
  reads: readonly ReadVersion[],
): void {
  const application = countedApplication(header)
  if (application !== undefined) for (const read of reads) countRead(application, read)
}
