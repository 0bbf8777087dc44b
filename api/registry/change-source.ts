import { RegistryError } from '../contract/errors.ts'
import type { LedgerEntry } from '../contract/registry-api.ts'
import type { FindingChanges, SourceRecord } from '../store/source-records.ts'
import type { OperationContext } from './operation-context.ts'
import { CONFLICT, retried } from './retried.ts'
import { newSource, type SourceStep } from './sources.ts'

/** Makes the next pass of a source a full one, even if nothing changed: the call may be a retry. */
export async function askForFullPass(context: OperationContext, source: string | null): Promise<void> {
  if (source === null) return
  try {
    await changeSource(context, source, (record) => ({
      record: { ...record, attention: record.attention + 1 },
      answer: undefined,
    }))
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    // The change itself was made before.
    throw new RegistryError(
      error.code,
      `The change was made, but no full pass of the source "${source}" was requested; repeat the request, which makes no change twice.`,
      { details: { unconfirmed: true }, cause: error },
    )
  }
}

/** Everything written together with a source's record. */
interface SourceWriteExtras {
  readonly ledger?: readonly LedgerEntry[] | undefined
  readonly findings?: { readonly [K in keyof FindingChanges]?: FindingChanges[K] | undefined } | undefined
}

/** Reads the record, lets the operation decide, and writes it. Starts over if another writer was faster. Throws `busy`. */
export async function changeSource<A>(
  context: OperationContext,
  name: string,
  decide: (record: SourceRecord) => SourceStep<A>,
  { ledger = [], findings = {} }: SourceWriteExtras = {},
): Promise<A> {
  const { put = [], remove = [] } = findings
  const { sources } = context
  let refused: number | undefined
  return await retried(context, `writes to the source "${name}"`, async () => {
    const record = (await sources.get(name)) ?? newSource(name)
    // Nobody else wrote in between, so the ledger refused the write.
    if (record.version === refused) throw tagTaken(name)
    const { record: next, answer } = decide(record)
    if (next === record) return answer
    const written = { ...next, version: record.version + 1 }
    if (await sources.replace(written, record.version, ledger, { put, remove })) return answer
    refused = record.version
    return CONFLICT
  })
}

function tagTaken(name: string): RegistryError {
  return new RegistryError(
    'revision_conflict',
    `The ledger of the source "${name}" already has one of these tags, or the request has one twice; read the ledger again and remove it.`,
    { details: { source: name } },
  )
}
