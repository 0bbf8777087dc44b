import { z } from 'zod'
import { Envelope } from './envelope.ts'
import { digest, dryRun, nonEmpty, note, sourceName, timestamp } from './shared.ts'

export const SET_ACTS = [
  'release',
  'promote',
  'rollback',
  'revoke',
  'hold',
  'transfer',
  'archive',
  'retire',
  'heal',
  'delete',
  'forget',
  'rollback_source',
] as const

const setDigest = z.string().meta({ description: 'The digest of a set, 64 hex digits.' })
const sequence = z.int().meta({
  description: 'Grows with each move of the pointer: the milliseconds of the registry’s clock, or one more.',
})

const moveFields = {
  set: setDigest,
  sequence,
  release: z.string().nullable().meta({ description: 'The tag that the set was last made for, or null.' }),
  act: z.enum(SET_ACTS).meta({ description: 'What moved the pointer.' }),
  actor: z.string(),
  reason: z.string().nullable(),
  previous: setDigest.nullable().meta({ description: 'The digest of the set before this one, or null.' }),
  moved_at: timestamp,
}
const identities = z.array(z.string())

const Proof = z
  .object({
    statement: Envelope,
    releases: z.array(Envelope).readonly().meta({
      description: 'Of a set that was derived by hand: the statements of releases that had its members.',
    }),
  })
  .meta({ id: 'SetProof', description: 'The signed statement of a set, and the ones that it rests on.' })

export const CurrentSetQuery = z.object({
  include: z
    .literal('proof', 'expected proof')
    .optional()
    .meta({ description: '`proof` adds the proof of the set.' }),
  revoked_since: z.coerce
    .number()
    .int()
    .nonnegative()
    .optional()
    .meta({ description: 'List the identities revoked after this sequence.' }),
})

export const CurrentSet = z
  .object({
    source: z.string(),
    ...moveFields,
    settling: z.boolean().meta({
      description: 'true: the source was rolled back to this set, and its prompts do not all serve it yet.',
    }),
    revoked: identities.meta({
      description: 'The identities revoked after `revoked_since`; empty without it.',
    }),
    proof: Proof.nullable().optional().meta({
      description: 'If requested: the signed statement of the set; null if nobody signed it.',
    }),
    revoked_all: z.literal(true).optional().meta({
      description: 'There are too many revocations to list: ask for every prompt again.',
    }),
    drafts: z.literal(true).optional().meta({
      description:
        'true: without a mode, this registry answers with drafts, which no set has. A draft does not move the pointer.',
    }),
  })
  .meta({ id: 'CurrentSet', description: 'The pointer of a source.' })

export const ReleaseSetDocument = z
  .object({
    set: setDigest,
    source: z.string(),
    members: z.record(z.string(), z.string()).meta({
      description: 'The identity of the version that each prompt serves, by prompt id.',
    }),
  })
  .meta({ id: 'ReleaseSet' })

export const SetMovesAnswer = z
  .object({
    source: z.string(),
    moves: z.array(
      z
        .object({
          ...moveFields,
          set: setDigest
            .nullable()
            .meta({ description: 'The digest of the set; null while the source has none.' }),
          revoked: identities.meta({ description: 'The identities that this move revoked.' }),
          stored: z.boolean().meta({ description: 'true: the registry still has the set.' }),
          kept: z.boolean().meta({ description: 'true: the set is kept for good.' }),
        })
        .meta({ id: 'SetMove' }),
    ),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'SetMovesAnswer' })

const expectedSequence = z
  .int()
  .nonnegative()
  .optional()
  .meta({ description: 'The sequence of the pointer. `revision_conflict` if it has another one.' })

export const MoveSetRequest = z
  .strictObject({
    release: nonEmpty.max(1024).optional().meta({ description: 'The tag that the set is made for.' }),
    version: nonEmpty.max(256).optional().meta({
      description:
        'The semantic version of the tag. If it is above the hold of the source, it ends the hold.',
    }),
    settled: z.boolean().optional().meta({
      description: 'true: the prompts serve the set that the source was rolled back to.',
    }),
    expected_sequence: expectedSequence,
    reason: note.optional(),
    lease_token: z
      .int()
      .nonnegative()
      .optional()
      .meta({ description: 'The token of the lease held for the source.' }),
    proof: Proof.optional().meta({
      description: 'The signed statement of the new set. Its sequence becomes that of the pointer.',
    }),
    dry_run: dryRun,
  })
  .meta({ id: 'MoveSetRequest' })

const count = z.int().nonnegative()
export const MoveSetAnswer = z
  .object({
    source: sourceName,
    set: setDigest,
    sequence,
    changed: z.boolean().meta({ description: 'Whether the pointer moved.' }),
    signed: z.boolean().meta({ description: 'Whether the registry has a signed statement of the set.' }),
    added: count.meta({ description: 'The number of prompts that only the new set has.' }),
    removed: count.meta({ description: 'The number of prompts that only the previous set has.' }),
    replaced: count.meta({ description: 'The number of prompts with another version.' }),
  })
  .meta({ id: 'MoveSetAnswer' })

export const SourceHold = z
  .object({
    since: timestamp,
    actor: z.string(),
    reason: z.string().nullable(),
    above: z.string().nullable().meta({
      description:
        'The highest release that was rolled back. Only a release above it is promoted, and ends the hold.',
    }),
  })
  .meta({ id: 'SourceHold', description: 'Keeps back the releases of a source that was rolled back.' })

export const RollbackSourceRequest = z
  .strictObject({
    to: nonEmpty.max(1024).optional().meta({
      description:
        'A tag, or at least 8 digits of the digest of a set. Default: what the source served before its current release.',
    }),
    members: z.record(z.string(), digest).optional().meta({
      description:
        'The identity of each prompt at the tag `to`. If the registry has no set of that tag, it makes one of these versions. Each must have been released, and not be revoked.',
    }),
    reason: note.optional(),
    expected_sequence: expectedSequence,
    lease_token: z.int().nonnegative().optional().meta({
      description:
        'With the token of the lease, the source keeps its set, and its hold covers later promotions.',
    }),
    dry_run: dryRun,
  })
  .meta({ id: 'RollbackSourceRequest' })

export const RollbackSourceAnswer = z
  .object({
    source: sourceName,
    set: setDigest,
    target: setDigest.meta({ description: 'The digest of the earlier set from which this one was made.' }),
    release: moveFields.release,
    sequence,
    changed: z.boolean().meta({ description: 'Whether the pointer moved.' }),
    settling: z.boolean().meta({ description: 'true: prompts still have to follow the set.' }),
    hold: SourceHold.nullable(),
    added: count.meta({ description: 'The number of prompts that only the new set has.' }),
    removed: count.meta({ description: 'The number of prompts that only the previous set has.' }),
    replaced: count.meta({ description: 'The number of prompts with another version.' }),
  })
  .meta({ id: 'RollbackSourceAnswer' })

export const KeepSetRequest = z.strictObject({ keep: z.boolean() }).meta({ id: 'KeepSetRequest' })
export const KeepSetAnswer = z
  .object({ set: setDigest, source: z.string(), kept: z.boolean() })
  .meta({ id: 'KeepSetAnswer' })

export const setField = digest
  .optional()
  .meta({ description: 'The digest of a set, from which references without a pin are answered.' })
