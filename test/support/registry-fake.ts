import type { RegistryApi, ResolvedPrompt } from '../../api/contract/index.ts'
import type { Caller } from '../../api/registry/caller.ts'
import type { Registry } from '../../api/registry/registry.ts'

type Method = keyof RegistryApi
type Answers = { readonly [M in Method]: Awaited<ReturnType<RegistryApi[M]>> }

const AT = '2026-01-31T12:00:00.000Z'
const TEXT_SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

export const RESOLVED: ResolvedPrompt = {
  prompt_id: 'support/triage',
  version: '9f86d081884c',
  release: '1.3.0',
  status: 'stable',
  content: 'test',
  content_sha256: TEXT_SHA256,
  identity: TEXT_SHA256,
  file_sha256: null,
  format: 'text',
  template_language: null,
  source: 'support',
  archived: false,
  moved_to: null,
  variables: null,
  inputs: null,
  config: null,
  description: null,
  tags: [],
  aliases: ['1.3.0'],
  origin: null,
  created_at: AT,
  released_at: AT,
  revision: 2,
  immutable: false,
}

const changed = { prompt_id: 'support/triage', changed: true, applied: true, revision: 3 }
const promoted = {
  ...changed,
  version: '9f86d081884c',
  release: '1.3.0',
  status: 'stable',
  previous: null,
  previous_release: null,
} as const

/** The digest of the set with this prompt. */
const SET = 'b9463ac8b6bd0d0d4fd9f0d7dca24bb4b1cf1b8b7e8b3c7fbb2cd3d11bd0c1d2'
const MOVE = {
  sequence: Date.parse(AT),
  release: 'v1.3.0',
  act: 'release',
  actor: 'promptctl',
  reason: null,
  previous: null,
  moved_at: AT,
} as const

/** A plausible answer of every method. */
export const ANSWERS: Answers = {
  push: {
    prompt_id: 'support/triage',
    version: '9f86d081884c',
    identity: TEXT_SHA256,
    status: 'draft',
    created: true,
    applied: true,
    revision: 1,
  },
  batch: { outcomes: [{ ok: true, status: 200, result: promoted }] },
  list: { prompts: [], next_cursor: null },
  summaries: { prompts: [], next_cursor: null },
  lookup: { prompts: [] },
  resolve: RESOLVED,
  folderFile: {
    prompt_id: 'support/triage',
    path: 'references/style.md',
    bytes: 4,
    sha256: TEXT_SHA256,
    text: 'text',
  },
  resolveMany: { results: [{ reference: 'support/triage', etag: '"tag"', prompt: RESOLVED }] },
  versions: { prompt_id: 'support/triage', versions: [], next_cursor: null },
  diff: { prompt_id: 'support/triage', v1: '1.2.0', v2: '1.3.0', diff: '', files: null },
  promote: promoted,
  addAlias: { ...changed, alias: '1.2.0', version: '9f86d081884c', status: 'deprecated' },
  rollback: { ...promoted, hold: null },
  revoke: {
    ...changed,
    version: '9f86d081884c',
    status: 'revoked',
    scope: 'content',
    revoked: ['9f86d081884c'],
    stable: null,
    ...{ release: '1.3.0', releases: { '9f86d081884c': '1.3.0' }, stable_release: null },
  },
  hold: { ...changed, hold: null },
  unhold: { ...changed, hold: null },
  transfer: { ...changed, source: 'support' },
  attest: {
    prompt_id: 'support/triage',
    identity: TEXT_SHA256,
    version: '9f86d081884c',
    sha256: TEXT_SHA256,
    created: true,
  },
  evidence: { prompt_id: 'support/triage', evidence: [], next_cursor: null },
  events: { prompt_id: 'support/triage', events: [], next_cursor: null },
  reads: {
    prompt_id: 'support/triage',
    ...{ from: '2026-01-02', to: '2026-01-31', reads: 0 },
    ...{ readers: [], days: [] },
  },
  feed: { events: [], next_cursor: null, more: false },
  sources: { sources: [], next_cursor: null },
  source: {
    name: 'support',
    revision: 0,
    state: null,
    attention: 0,
    ledger_length: 0,
    lease: null,
    forgotten: null,
    updated_at: null,
  },
  recordSource: { name: 'support', revision: 1, ledger_length: 0 },
  ledger: { name: 'support', ledger: [], next_cursor: null },
  findings: { name: 'support', findings: [], next_cursor: null },
  forget: { name: 'support', prompts: [], remaining: false },
  lease: { name: 'support', lease: null },
  currentSet: {
    source: 'support',
    ...MOVE,
    set: SET,
    settling: false,
    revoked: [],
  },
  setMoves: {
    source: 'support',
    moves: [{ ...MOVE, set: SET, revoked: [], stored: true, kept: false }],
    next_cursor: null,
  },
  moveSet: {
    source: 'support',
    set: SET,
    sequence: MOVE.sequence,
    changed: true,
    signed: false,
    ...{ added: 1, removed: 0, replaced: 0 },
  },
  rollbackSource: {
    ...{ source: 'support', set: SET, target: SET, release: 'v1.2.0', sequence: MOVE.sequence },
    ...{ changed: true, settling: true, hold: null, added: 0, removed: 1, replaced: 2 },
  },
  releaseSet: { set: SET, source: 'support', members: { 'support/triage': TEXT_SHA256 } },
  keepSet: { set: SET, source: 'support', kept: true },
  health: { status: 'ok' },
}

export interface RecordedCall {
  readonly caller: Caller
  readonly method: Method
  readonly args: readonly unknown[]
}

/** A registry that records its calls, and returns `ANSWERS` unless a method was overridden. */
export class RegistryFake implements Registry {
  readonly calls: RecordedCall[] = []
  readonly callers: Caller[] = []
  readonly #behaviours = new Map<Method, () => unknown>()

  /** Overrides `method` from now on. */
  tell<M extends Method>(method: M, behaviour: () => Answers[M] | Promise<Answers[M]>): this {
    this.#behaviours.set(method, behaviour)
    return this
  }

  as(caller: Caller): RegistryApi {
    this.callers.push(caller)
    const methods = (Object.keys(ANSWERS) as Method[]).map((method) => [
      method,
      async (...args: unknown[]) => {
        this.calls.push({ caller, method, args })
        return (this.#behaviours.get(method) ?? (() => ANSWERS[method]))()
      },
    ])
    return Object.fromEntries(methods)
  }

  /** The only call so far. */
  get call(): RecordedCall {
    const [first, ...others] = this.calls
    if (first === undefined || others.length > 0)
      throw new Error(`Expected one call, saw ${this.calls.length}.`)
    return first
  }
}
