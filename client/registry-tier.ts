import { RegistryError } from '../api/contract/errors.ts'
import type { RegistryApi } from '../api/contract/registry-api.ts'
import { type Json, STATUSES, type Status } from '../api/contract/version.ts'
import type { TierName } from './errors.ts'
import type { Found, Question, Tier } from './tier.ts'
import { TransportError } from './transport/transport.ts'

/** The tier that asks a registry, through whatever transport the API has. */
export function createRegistryTier(name: TierName, title: string, api: Pick<RegistryApi, 'resolve'>): Tier {
  return {
    name,
    title,
    waitsFor: 'network',
    find: async (question, signal) => {
      const query = question.mode === undefined ? {} : { mode: question.mode }
      const document: unknown = await api.resolve(question.reference, query, { signal })
      return readDocument(document as Fields, question, name)
    },
  }
}

type Fields = Readonly<Record<string, unknown>>

/** Throws `revoked` and `bad_answer`. */
function readDocument(fields: Fields, question: Question, tier: TierName): Found {
  const text = textOf(fields)
  if (text === undefined) {
    throw new TransportError('bad_answer', 'The registry answered without a text; is it a prompt registry?')
  }
  const status = STATUSES.find((known) => known === fields.status) ?? null
  refuseRevoked(status, question.reference)
  return {
    text,
    promptId: typeof fields.prompt_id === 'string' ? fields.prompt_id : question.parsed.id,
    version: typeof fields.version === 'string' ? fields.version : null,
    status,
    variables: (fields.variables ?? null) as Json,
    config: (fields.config ?? null) as Json,
    tier,
    ageMs: 0,
    stale: false,
  }
}

/** Older registries have other names for `content`. No registry holds an empty text. */
function textOf(fields: Fields): string | undefined {
  return [fields.content, fields.text, fields.prompt_text, fields.body].find(
    (value): value is string => typeof value === 'string' && value !== '',
  )
}

function refuseRevoked(status: Status | null, reference: string): void {
  if (status !== 'revoked') return
  throw new RegistryError('revoked', `The version that "${reference}" names is revoked; use another one.`)
}
