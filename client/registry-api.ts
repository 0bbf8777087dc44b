import type { ApiCallOptions, RegistryApi } from '../api/contract/registry-api.ts'
import { filePath, promptPath, referencePath, setPath, sourcePath } from './paths.ts'
import { refusal } from './refusal.ts'
import {
  type Transport,
  type TransportAnswer,
  TransportError,
  type TransportRequest,
} from './transport/transport.ts'

/**
 * The registry over a transport: every route, typed. Rejects with a `RegistryError` with the registry's code if the
 * registry refuses, and with a `TransportError` if there is no response. Checks ids and references before it sends
 * anything. Does not validate responses.
 */
export function createRegistryApi(transport: Transport): RegistryApi {
  const call: Call = async (request, query, options) => {
    const signal = options?.signal
    const asked = { ...request(), ...queryOf(query) }
    return documentOf(await transport.send(asked, signal === undefined ? {} : { signal }))
  }
  return { ...readRoutes(call), ...writeRoutes(call), ...sourceRoutes(call), ...setRoutes(call) }
}

/** The request comes as a function, so that a wrong id rejects like any other refusal and never throws. */
type Call = <T>(request: () => TransportRequest, query?: object, options?: ApiCallOptions) => Promise<T>

type ReadRoute =
  | 'list'
  | 'summaries'
  | 'lookup'
  | 'resolve'
  | 'folderFile'
  | 'resolveMany'
  | 'versions'
  | 'diff'
  | 'events'
  | 'reads'
  | 'feed'
  | 'evidence'
  | 'health'
type SetRoute = 'currentSet' | 'setMoves' | 'moveSet' | 'rollbackSource' | 'releaseSet' | 'keepSet'
type SourceRoute = 'sources' | 'source' | 'recordSource' | 'ledger' | 'findings' | 'forget' | 'lease'

function readRoutes(call: Call): Pick<RegistryApi, ReadRoute> {
  return {
    list: (query, options) => call(() => get('/prompts'), query, options),
    summaries: (query, options) => call(() => get('/summaries'), query, options),
    lookup: (request, options) => call(() => post('/lookup', request), undefined, options),
    resolve: (reference, query, options) => call(() => get(referencePath(reference)), query, options),
    folderFile: (reference, path, query, options) =>
      call(() => get(filePath(reference, path)), query, options),
    resolveMany: (request, options) => call(() => post('/resolve', request), undefined, options),
    versions: (id, query, options) => call(() => get(promptPath(id, 'versions')), query, options),
    diff: (id, query, options) => call(() => get(promptPath(id, 'diff')), query, options),
    events: (id, query, options) => call(() => get(promptPath(id, 'events')), query, options),
    evidence: (query, options) => call(() => get('/evidence'), query, options),
    reads: (id, query, options) => call(() => get('/reads'), { prompt_id: id, ...query }, options),
    feed: (query, options) => call(() => get('/events'), query, options),
    health: (options) => call(() => get('/health'), undefined, options),
  }
}

function writeRoutes(call: Call): Omit<RegistryApi, ReadRoute | SourceRoute | SetRoute> {
  const act = <T>(id: string, verb: string, request: unknown, options?: ApiCallOptions): Promise<T> =>
    call(() => post(promptPath(id, verb), request), undefined, options)
  return {
    push: (request, options) => call(() => post('/prompts', request), undefined, options),
    batch: (request, options) => call(() => post('/batch', request), undefined, options),
    promote: (id, request, options) => act(id, 'promote', request, options),
    addAlias: (id, request, options) => act(id, 'aliases', request, options),
    rollback: (id, request, options) => act(id, 'rollback', request, options),
    revoke: (id, request, options) => act(id, 'revoke', request, options),
    hold: (id, request, options) => act(id, 'hold', request, options),
    unhold: (id, request, options) =>
      call(() => ({ method: 'DELETE', path: promptPath(id, 'hold'), body: request }), undefined, options),
    attest: (id, request, options) => act(id, 'evidence', request, options),
    transfer: (id, request, options) => act(id, 'owner', request, options),
  }
}

function sourceRoutes(call: Call): Pick<RegistryApi, SourceRoute> {
  return {
    sources: (query, options) => call(() => get('/sources'), query, options),
    source: (name, options) => call(() => get(sourcePath(name)), undefined, options),
    recordSource: (name, request, options) =>
      call(() => ({ method: 'PUT', path: sourcePath(name), body: request }), undefined, options),
    ledger: (name, query, options) => call(() => get(sourcePath(name, 'ledger')), query, options),
    findings: (name, query, options) => call(() => get(sourcePath(name, 'findings')), query, options),
    forget: (name, request, options) =>
      call(() => post(sourcePath(name, 'forget'), request), undefined, options),
    lease: (name, request, options) =>
      call(() => post(sourcePath(name, 'lease'), request), undefined, options),
  }
}

function setRoutes(call: Call): Pick<RegistryApi, SetRoute> {
  return {
    currentSet: (name, query, options) => call(() => get(sourcePath(name, 'set')), query, options),
    setMoves: (name, query, options) => call(() => get(sourcePath(name, 'sets')), query, options),
    moveSet: (name, request, options) =>
      call(() => post(sourcePath(name, 'set'), request), undefined, options),
    rollbackSource: (name, request, options) =>
      call(() => post(sourcePath(name, 'rollback'), request), undefined, options),
    releaseSet: (digest, options) => call(() => get(setPath(digest)), undefined, options),
    keepSet: (digest, request, options) =>
      call(() => ({ method: 'PUT', path: setPath(digest, 'keep'), body: request }), undefined, options),
  }
}

function get(path: string): TransportRequest {
  return { method: 'GET', path }
}

function post(path: string, body: unknown): TransportRequest {
  return { method: 'POST', path, body }
}

function queryOf(query: object | undefined): Pick<TransportRequest, 'query'> {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
  if (given.length === 0) return {}
  return { query: Object.fromEntries(given.map(([name, value]) => [name, String(value)])) }
}

function documentOf<T>(answer: TransportAnswer): T {
  if (answer.status >= 400) throw refusal(answer)
  const { status, body } = answer
  if (status >= 200 && status < 300 && typeof body === 'object' && body !== null) return body as T
  throw new TransportError(
    'bad_answer',
    `The registry answered ${status} without a document; is this the address of a prompt registry?`,
  )
}
