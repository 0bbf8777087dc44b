import type { RegistryApi } from '../contract/registry-api.ts'
import type { OperationContext } from './operation-context.ts'
import { emergencyOperations, releaseOperations } from './write-operations.ts'

type Writes = Pick<
  RegistryApi,
  'push' | 'promote' | 'addAlias' | 'rollback' | 'revoke' | 'hold' | 'unhold' | 'transfer'
>

/**
 * The writes to a prompt. A request with `dry_run` is decided like any other, and its answer and errors are the same,
 * but nothing is committed.
 */
export function writesWithDryRun(context: OperationContext): Writes {
  const writesOf = (used: OperationContext): Writes => ({
    ...releaseOperations(used),
    ...emergencyOperations(used),
  })
  const real = writesOf(context)
  const dry = writesOf(withoutWrites(context))
  const chosen = ({ dry_run }: { readonly dry_run?: boolean | undefined }) => (dry_run === true ? dry : real)
  return {
    push: (request) => chosen(request).push(request),
    promote: (id, request) => chosen(request).promote(id, request),
    addAlias: (id, request) => chosen(request).addAlias(id, request),
    rollback: (id, request) => chosen(request).rollback(id, request),
    revoke: (id, request) => chosen(request).revoke(id, request),
    hold: (id, request) => chosen(request).hold(id, request),
    unhold: (id, request) => chosen(request).unhold(id, request),
    transfer: (id, request) => chosen(request).transfer(id, request),
  }
}

/** The same stores for reading. They accept every write and make none. */
function withoutWrites(context: OperationContext): OperationContext {
  const { prompts, sources, sets } = context
  return {
    ...context,
    prompts: {
      snapshot: (id) => prompts.snapshot(id),
      find: (id, query) => prompts.find(id, query),
      content: (id, version) => prompts.content(id, version),
      frontMatter: (id, version) => prompts.frontMatter(id, version),
      file: (id, sha256) => prompts.file(id, sha256),
      page: (query) => prompts.page(query),
      check: () => prompts.check(),
      commit: async () => true,
      purge: async () => {},
    },
    sources: {
      get: (name) => sources.get(name),
      list: (query) => sources.list(query),
      ledger: (name, query) => sources.ledger(name, query),
      findings: (name, query) => sources.findings(name, query),
      replace: async () => true,
    },
    sets: {
      pointer: (source) => sets.pointer(source),
      moves: (source, query) => sets.moves(source, query),
      get: (digest) => sets.get(digest),
      stored: (source, query) => sets.stored(source, query),
      move: async () => true,
      put: async () => {},
      putProof: async () => {},
      proof: (digest) => sets.proof(digest),
      keep: async () => true,
      remove: async () => {},
    },
  }
}
