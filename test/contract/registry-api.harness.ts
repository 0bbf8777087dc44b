import type { EnvelopeDocument } from '../../api/contract/attestation/dsse.ts'
import { TEST_RESULT } from '../../api/contract/attestation/statement.ts'
import { RegistryError } from '../../api/contract/errors.ts'
import type { PushRequest, RegistryApi } from '../../api/contract/registry-api.ts'
import { sha256 } from '../../api/contract/version.ts'
import type { Access } from '../../api/registry/caller.ts'
import { isTransportError } from '../../client/transport/transport.ts'
import { attester } from '../support/attesters.ts'

/** A registry on a file, and an adapter that leads to it. */
export interface OpenApi {
  /** The adapter for a caller with this access. Writers may act for the source `git`. Calls end after `timeoutMs`. */
  api(access: Access, timeoutMs?: number): RegistryApi
  readonly file: string
  /** Lines that the registry logged. */
  readonly lines: readonly { readonly message: string; readonly facts: Readonly<Record<string, unknown>> }[]
}

export interface ApiCase {
  readonly name: string
  run(open: OpenApi): Promise<void>
}

/** The answer of a call, or how it was refused. */
export async function outcome(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof RegistryError) return error.code
    if (isTransportError(error)) return `transport ${error.code}`
    throw error
  }
}

export const push = (prompt_id: string, content: string): PushRequest => ({
  ...{ prompt_id, content, origin: { source: 'git' } },
})

const ci = attester()

export function passed(name: string, content: string): EnvelopeDocument {
  const subject = [{ name, digest: { sha256: sha256(content) } }]
  const file = ci.sign({ subject, predicateType: TEST_RESULT, predicate: { result: 'PASSED' } })
  return JSON.parse(String(file))
}

/** Typed requests cannot be wrong. */
export const wrong = (request: object) => request as never
