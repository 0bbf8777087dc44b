import { RegistryError } from '../contract/index.ts'
import { parsePromptId } from '../contract/prompt-id.ts'
import { isPath, parseRequestReference } from '../contract/reference.ts'
import type { ApiCallOptions, RegistryApi } from '../contract/registry-api.ts'
import type { Caller } from '../registry/caller.ts'
import type { Registry } from '../registry/registry.ts'
import { demandAccess } from './auth.ts'
import { demandValues } from './body.ts'
import { errorDocument, partLog } from './errors.ts'
import type { HttpLog } from './log.ts'
import type { GivenInput } from './route.ts'
import { OPERATIONS } from './routes/index.ts'

export interface DirectApiParts {
  readonly registry: Registry
  readonly caller: Caller
  readonly log: HttpLog
  /** Creates the id of a call, for the log and messages about internal errors. */
  readonly newRequestId: () => string
  /** Runs a call, and may end it early, such as at a deadline. */
  readonly within: CallLimit
}

/** Settles as `work` does, or rejects before it. */
export type CallLimit = <T>(work: () => Promise<T>, options: ApiCallOptions) => Promise<T>

/**
 * The registry for a caller in the same process. Access, validation, answers and errors are those of the routes, but
 * nothing becomes JSON text, so there is no limit on the size of a request. Answers may share values: do not change them.
 */
export function createDirectApi(parts: DirectApiParts): RegistryApi {
  return methodsOf(callOf(parts))
}

type DirectCall = <T>(
  operation: keyof RegistryApi,
  input: () => CallInput,
  options?: ApiCallOptions,
) => Promise<T>

interface CallInput extends Pick<GivenInput, 'params' | 'body'> {
  readonly query?: object | undefined
}

function callOf({ registry, caller, log, newRequestId, within }: DirectApiParts): DirectCall {
  return async <T>(operation: keyof RegistryApi, inputOf: () => CallInput, options: ApiCallOptions = {}) => {
    const { access, method, path, kind, inParts, call } = OPERATIONS[operation]
    const request = { requestId: newRequestId(), method: method.toUpperCase(), path, kind }
    const work = async () => {
      try {
        if (access !== 'open') demandAccess(caller, access)
        const { query, body = {}, ...input } = inputOf()
        const head = { ...input, query: queryOf(query) }
        for (const values of [head, body]) demandValues(values)
        const api = registry.as(caller, undefined, inParts ? partLog(request, log) : undefined)
        return (await call(api, { ...head, body })) as T
      } catch (error) {
        const { error: message, code, details } = errorDocument(error, request, log)
        throw new RegistryError(code, message, details && { details })
      }
    }
    return await within(work, options)
  }
}

/** As in a URL: text, without the parameters that are undefined. */
function queryOf(query: object = {}): Record<string, readonly string[]> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([name, value]) => [name, [String(value)]]))
}

function methodsOf(call: DirectCall): RegistryApi {
  return {
    list: (query, options) => call('list', () => ({ query }), options),
    summaries: (query, options) => call('summaries', () => ({ query }), options),
    lookup: (body, options) => call('lookup', () => ({ body }), options),
    resolve: (ref, query, options) => call('resolve', () => ({ ...onReference(ref), query }), options),
    folderFile: (ref, path, query, options) =>
      call('folderFile', () => ({ params: { ...onReference(ref).params, path }, query }), options),
    resolveMany: (body, options) => call('resolveMany', () => ({ body }), options),
    versions: (id, query, options) => call('versions', () => ({ ...onPrompt(id), query }), options),
    diff: (id, query, options) => call('diff', () => ({ ...onPrompt(id), query }), options),
    reads: (id, query, options) => call('reads', () => ({ query: { prompt_id: id, ...query } }), options),
    evidence: (query, options) => call('evidence', () => ({ query }), options),
    events: (id, query, options) => call('events', () => ({ ...onPrompt(id), query }), options),
    feed: (query, options) => call('feed', () => ({ query }), options),
    health: (options) => call('health', () => ({}), options),
    push: (body, options) => call('push', () => ({ body }), options),
    batch: (body, options) => call('batch', () => ({ body }), options),
    promote: (id, body, options) => call('promote', () => ({ ...onPrompt(id), body }), options),
    addAlias: (id, body, options) => call('addAlias', () => ({ ...onPrompt(id), body }), options),
    rollback: (id, body, options) => call('rollback', () => ({ ...onPrompt(id), body }), options),
    revoke: (id, body, options) => call('revoke', () => ({ ...onPrompt(id), body }), options),
    hold: (id, body, options) => call('hold', () => ({ ...onPrompt(id), body }), options),
    unhold: (id, body, options) => call('unhold', () => ({ ...onPrompt(id), body }), options),
    transfer: (id, body, options) => call('transfer', () => ({ ...onPrompt(id), body }), options),
    attest: (id, body, options) => call('attest', () => ({ ...onPrompt(id), body }), options),
    sources: (query, options) => call('sources', () => ({ query }), options),
    source: (name, options) => call('source', () => onSource(name), options),
    recordSource: (name, body, options) => call('recordSource', () => ({ ...onSource(name), body }), options),
    ledger: (name, query, options) => call('ledger', () => ({ ...onSource(name), query }), options),
    findings: (name, query, options) => call('findings', () => ({ ...onSource(name), query }), options),
    forget: (name, body, options) => call('forget', () => ({ ...onSource(name), body }), options),
    lease: (name, body, options) => call('lease', () => ({ ...onSource(name), body }), options),
    currentSet: (name, query, options) => call('currentSet', () => ({ ...onSource(name), query }), options),
    setMoves: (name, query, options) => call('setMoves', () => ({ ...onSource(name), query }), options),
    moveSet: (name, body, options) => call('moveSet', () => ({ ...onSource(name), body }), options),
    rollbackSource: (name, body, options) =>
      call('rollbackSource', () => ({ ...onSource(name), body }), options),
    releaseSet: (digest, options) => call('releaseSet', () => ({ params: { digest } }), options),
    keepSet: (digest, body, options) => call('keepSet', () => ({ params: { digest }, body }), options),
  }
}

function onSource(name: string) {
  return { params: { name } }
}

/** Throws `invalid_prompt_id` for an id that no URL can have either. */
function onPrompt(id: string) {
  return { params: { id: isPath(id) && !id.includes('@') ? id : parsePromptId(id) } }
}

/** Throws `invalid_reference`, `invalid_prompt_id`, `invalid_version`. */
function onReference(ref: string) {
  parseRequestReference(ref)
  return { params: { ref } }
}
