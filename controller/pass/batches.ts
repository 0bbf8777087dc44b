import { LIMITS } from '../../api/contract/limits.ts'
import type { Sidecars } from '../../api/contract/version.ts'
import type { PlannedChange, PromptChanges } from '../plan/changes.ts'

/** Divides changes into requests. Pure. */

/** The two parts of a prompt file, and the files that belong to it. */
export interface FileText {
  readonly frontMatter: string
  readonly content: string
  readonly sidecars: Sidecars | null
}

export type PlannedTexts = ReadonlyMap<PlannedChange, FileText>

/** Leaves room in the request body for everything but content. */
const CONTENT_PER_BATCH = LIMITS.bodyBytes / 2
/** JSON writes these control characters as six bytes at most, and any other byte as two. */
const LONG_ESCAPES = /(?![\b\t\n\f\r])\p{Cc}/u

/**
 * Groups changes for requests of at most `LIMITS.batch` operations. All changes of a prompt stay in one batch, in
 * order. A batch that is too long for one request is sent in parts, one after another.
 */
export function* toBatches(stage: Iterable<PromptChanges>): Generator<PlannedChange[], void, undefined> {
  let batch: PlannedChange[] = []
  for (const { changes } of stage) {
    if (batch.length > 0 && batch.length + changes.length > LIMITS.batch) {
      yield batch
      batch = []
    }
    batch.push(...changes)
  }
  if (batch.length > 0) yield batch
}

/** The requests of a batch, within the limit of their bodies. */
export function toRequests(batch: readonly PlannedChange[], texts: PlannedTexts): PlannedChange[][] {
  const requests: PlannedChange[][] = []
  let bytes = 0
  for (const change of batch) {
    const size = textBytes(texts.get(change)) + folderBytes(change)
    const last = requests.at(-1)
    if (last === undefined || last.length === LIMITS.batch || bytes + size > CONTENT_PER_BATCH) {
      requests.push([change])
      bytes = size
    } else {
      last.push(change)
      bytes += size
    }
  }
  return requests
}

function textBytes(text: FileText | undefined): number {
  if (text === undefined) return 0
  const { content, frontMatter, sidecars } = text
  const all = [content, frontMatter, ...Object.values(sidecars?.texts ?? {})]
  return all.reduce((sum, one) => sum + mostBytesInJson(one), 0)
}

/** Without making the JSON of each text. */
function mostBytesInJson(text: string): number {
  return Buffer.byteLength(text, 'utf8') * (LONG_ESCAPES.test(text) ? 6 : 2)
}

/** On AWS each file is a write of its own, so that a request has some 500 of them at most. */
const LEAST_FILE_BYTES = 2048

function folderBytes(change: PlannedChange): number {
  const files = change.do === 'push' ? (change.files ?? []) : []
  return files.reduce((sum, { bytes, binary }) => sum + (binary ? 0 : Math.max(bytes, LEAST_FILE_BYTES)), 0)
}
