import { setTimeout as pause } from 'node:timers/promises'
import { RegistryError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { LedgerEntry, RegistryApi } from '../contract/registry-api.ts'
import type { SourceRecord } from '../store/records.ts'
import { requireSource } from './authority.ts'
import { sourceDocument } from './documents.ts'
import type { OperationContext } from './operation-context.ts'
import { decideLease, decideRecord, newSource, type SourceStep } from './sources.ts'

const ATTEMPTS = 30
const LONGEST_PAUSE_MS = 50
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

type Sources = Pick<RegistryApi, 'sources' | 'source' | 'recordSource' | 'ledger' | 'lease'>

/** What the controller keeps in the registry of its sources. */
export function sourceOperations(context: OperationContext): Sources {
  const { sources, caller, now } = context
  return {
    async sources(query = {}) {
      const page = await sources.list({ limit: query.limit ?? LIMITS.defaultPage, cursor: query.cursor })
      return { sources: page.items.map((record) => sourceDocument(record, now())), next_cursor: page.next }
    },
    async source(name) {
      return sourceDocument((await sources.get(checked(name))) ?? newSource(name), now())
    },
    async recordSource(name, request) {
      requireSource(caller, checked(name))
      checkState(request.state)
      return await changeSource(
        context,
        name,
        (record) => decideRecord(record, request, now()),
        request.ledger,
      )
    },
    async ledger(name, query = {}) {
      const page = await sources.ledger(checked(name), {
        limit: query.limit ?? LIMITS.defaultPage,
        cursor: query.cursor,
      })
      return { name, ledger: [...page.items], next_cursor: page.next }
    },
    async lease(name, request) {
      requireSource(caller, checked(name))
      return await changeSource(context, name, (record) => decideLease(record, request, now()))
    },
  }
}

/** Makes the next pass of a source a full one. Does so again where nothing had changed: the call may be a retry. */
export async function askForFullPass(context: OperationContext, source: string | null): Promise<void> {
  if (source === null) return
  await changeSource(context, source, (record) => ({
    record: { ...record, attention: record.attention + 1 },
    answer: undefined,
  }))
}

async function changeSource<A>(
  context: OperationContext,
  name: string,
  decide: (record: SourceRecord) => SourceStep<A>,
  ledger: readonly LedgerEntry[] = [],
): Promise<A> {
  const { sources, random } = context
  let refused: number | undefined
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const record = (await sources.get(name)) ?? newSource(name)
    // Nobody wrote in between, so it was the ledger that did not let the write through.
    if (record.version === refused) throw tagTaken(name)
    const { record: next, answer } = decide(record)
    if (next === record) return answer
    if (await sources.replace({ ...next, version: record.version + 1 }, record.version, ledger)) return answer
    refused = record.version
    await pause(random() * Math.min(attempt * 5, LONGEST_PAUSE_MS))
  }
  throw new RegistryError('busy', `Too many others are writing the source "${name}"; try again in a moment.`)
}

function tagTaken(name: string): RegistryError {
  return new RegistryError(
    'revision_conflict',
    `The ledger of the source "${name}" has one of these tags already, or the request brings one twice; read the ledger again and leave it out.`,
    { details: { source: name } },
  )
}

function checked(name: string): string {
  if (NAME.test(name)) return name
  throw new RegistryError(
    'invalid_request',
    `"${name}" is not a source name: 1 to 64 letters, digits, ".", "_" or "-", the first a letter or digit.`,
  )
}

function checkState(state: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(state), 'utf8')
  if (bytes <= LIMITS.sourceStateBytes) return
  throw new RegistryError(
    'too_large',
    `state: has ${bytes} bytes; at most ${LIMITS.sourceStateBytes} are allowed.`,
  )
}
