import { RegistryError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { sourceInUse } from '../contract/prompt-use.ts'
import type { ForgetAnswer, ForgetRequest, RegistryApi } from '../contract/registry-api.ts'
import type { SourceRecord } from '../store/source-records.ts'
import { requireAdmin, requireSource } from './authority.ts'
import { changeSource } from './change-source.ts'
import { sourceDocument } from './documents.ts'
import { decideAbandon, decideDelete } from './forget.ts'
import { dropSet } from './move-set.ts'
import { actOf, type OperationContext } from './operation-context.ts'
import { promptsInUse } from './prompts-in-use.ts'
import {
  checkedSourceName,
  decideForget,
  decideLease,
  decideRecord,
  newSource,
  refuseStaleWriter,
} from './sources.ts'
import { transact } from './transact.ts'
import { visibilityOf } from './visibility.ts'

type Sources = Pick<
  RegistryApi,
  'sources' | 'source' | 'recordSource' | 'ledger' | 'findings' | 'forget' | 'lease'
>

/** Of a source without a set. */
const NO_POINTER = { settling: false, hold: null }

/** The controller's records of its sources. */
export function sourceOperations(context: OperationContext): Sources {
  const { sources, sets, caller, now } = context
  const visibility = visibilityOf(context)
  const shown = (record: SourceRecord) => sourceDocument(visibility.source(record), now())
  return {
    async sources(query = {}) {
      const page = await sources.list({ limit: query.limit ?? LIMITS.defaultPage, cursor: query.cursor })
      return { sources: page.items.map(shown), next_cursor: page.next }
    },
    async source(name) {
      const [found, pointer] = await Promise.all([sources.get(checkedSourceName(name)), sets.pointer(name)])
      const record = visibility.source(found ?? newSource(name))
      return sourceDocument(record, now(), pointer ?? NO_POINTER)
    },
    async recordSource(name, request) {
      requireSource(caller, checkedSourceName(name))
      checkState(request.state)
      return await changeSource(context, name, (record) => decideRecord(record, request, now()), {
        ledger: request.ledger,
        findings: request.findings,
      })
    },
    async ledger(name, query = {}) {
      checkedSourceName(name)
      // A tag is in the ledger even if its file was refused or its release waits.
      if (visibility.hidesDrafts) return { name, ledger: [], next_cursor: null }
      const page = await sources.ledger(name, {
        limit: query.limit ?? LIMITS.defaultPage,
        cursor: query.cursor,
      })
      return { name, ledger: [...page.items], next_cursor: page.next }
    },
    async findings(name, query = {}) {
      checkedSourceName(name)
      if (visibility.hidesDrafts) return { name, findings: [], next_cursor: null }
      const { limit = LIMITS.defaultPage, cursor, code } = query
      const page = await sources.findings(name, { limit, cursor, code })
      return { name, findings: [...page.items], next_cursor: page.next }
    },
    async forget(name, request) {
      requireAdmin(caller, 'Forgetting a source')
      return await forget(context, checkedSourceName(name), request)
    },
    async lease(name, request) {
      requireSource(caller, checkedSourceName(name))
      return await changeSource(context, name, (record) => decideLease(record, request, now()))
    },
  }
}

/**
 * Throws `not_found` if no pass recorded the source and it owns nothing, because a misspelt name would stay the
 * owner.
 */
export async function requireKnown({ sources, prompts }: OperationContext, name: string): Promise<void> {
  const record = await sources.get(checkedSourceName(name))
  if (record !== undefined && record.forgotten === null) return
  const owned = await prompts.page<'prompts'>({ of: 'prompts', source: name, limit: 1 })
  if (owned.items.length > 0) return
  throw new RegistryError(
    'not_found',
    `Source "${name}" was not found. Check the name, or set "create" (promptctl: --create) if you add it later.`,
    { details: { source: name } },
  )
}

/** Handles a limited number of prompts per call, so that sources of any size fit into the time of a request. */
async function forget(
  context: OperationContext,
  name: string,
  request: ForgetRequest,
): Promise<ForgetAnswer> {
  const { prompts } = context
  const { delete: deletes = false, limit = LIMITS.defaultPage } = request
  const act = () => actOf(context, request.reason)
  const record = await context.sources.get(name)
  refuseStaleWriter(record ?? newSource(name), undefined, context.now())
  const page = await prompts.page<'prompts'>({ of: 'prompts', source: name, limit, withDeleted: true })
  const ids = page.items.map(({ head }) => head.promptId)
  if (record === undefined && ids.length === 0) throw unknownSource(name)
  if (deletes && request.confirm !== true) {
    const used = await promptsInUse(context, ids)
    if (used.size > 0) throw sourceInUse(name, used)
  }
  if (request.dry_run === true) return { name, prompts: ids, remaining: page.next !== null }
  await dropSet(context, name, request.reason)
  for (const id of ids) {
    const change = (decide: typeof decideAbandon) =>
      transact(context, id, async (snapshot) =>
        // The source has no set any more.
        snapshot === undefined ? NOTHING : { ...decide(snapshot, act()), byHand: false },
      )
    if (deletes) {
      await change(decideDelete)
      await prompts.purge(id)
    }
    // Runs last, so that a retry after an interrupted call finds the prompt again.
    await change(decideAbandon)
  }
  if (page.next !== null) return { name, prompts: ids, remaining: true }
  const { actor, at, reason } = act()
  await removeFindings(context, name)
  await changeSource(context, name, (record) => decideForget(record, { at, actor, reason, deleted: deletes }))
  return { name, prompts: ids, remaining: false }
}

function unknownSource(name: string): RegistryError {
  return new RegistryError(
    'not_found',
    `Source "${name}" was not found; list the sources to see their names.`,
    {
      details: { source: name },
    },
  )
}

const NOTHING = { change: null, answer: undefined, byHand: true }

async function removeFindings(context: OperationContext, name: string): Promise<void> {
  for (;;) {
    const page = await context.sources.findings(name, { limit: LIMITS.page })
    if (page.items.length === 0) return
    const remove = page.items.map(({ code, subject }) => ({ code, subject }))
    const again = (record: SourceRecord) => ({ record: { ...record }, answer: undefined })
    await changeSource(context, name, again, { findings: { remove } })
  }
}

function checkState(state: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(state), 'utf8')
  if (bytes <= LIMITS.sourceStateBytes) return
  throw new RegistryError(
    'too_large',
    `state: has ${bytes} bytes; at most ${LIMITS.sourceStateBytes} are allowed.`,
  )
}
