import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { Envelope } from './envelope.ts'
import { digest, promptIdField, timestamp } from './shared.ts'

const statementDigest = z.string().meta({
  description: 'SHA-256 of the file with the envelope, as `promptctl attest` writes it.',
})
const identity = z.string().meta({ description: 'The identity of the version that the statement is about.' })

export const AttestRequest = Envelope
export const AttestAnswer = z
  .object({
    prompt_id: z.string(),
    identity,
    version: z
      .string()
      .nullable()
      .meta({ description: 'Its label; null if the registry has no such version.' }),
    sha256: statementDigest,
    created: z.boolean().meta({ description: 'false: the registry had the statement already.' }),
  })
  .meta({ id: 'AttestAnswer' })

export const EvidenceQuery = z.object({
  prompt_id: promptIdField,
  identity: digest.optional().meta({ description: 'Only statements about the version with this identity…' }),
  payload_sha256: digest.optional().meta({
    description: '…or about one whose content, variables and config have this hash.',
  }),
  limit: z.coerce.number().int().min(1).max(LIMITS.evidence).default(LIMITS.evidence),
  cursor: z.string().min(1).max(1024).optional(),
})
export const EvidenceAnswer = z
  .object({
    prompt_id: z.string(),
    evidence: z.array(
      z
        .object({
          identity,
          sha256: statementDigest,
          envelope: Envelope,
          actor: z.string().meta({ description: 'Who posted it. Its signatures name who attests.' }),
          at: timestamp,
        })
        .meta({ id: 'PostedEvidence' }),
    ),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'EvidenceAnswer' })
