import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { PushAnswer, PushRequest } from './push.ts'
import { AliasAnswer, aliasFields, PromoteAnswer, promoteFields, ReleaseTag } from './releases.ts'
import {
  applied,
  asSource,
  confirmsUse,
  digest,
  ErrorBody,
  note,
  promptIdField,
  revision,
  sourceName,
  versionField,
} from './shared.ts'

const archiveFields = {
  archived: z.boolean(),
  moved_to: promptIdField.optional().meta({
    description: 'Of an archived prompt: the id under which its source has it now.',
  }),
  source: sourceName.optional(),
  reason: note.optional(),
  ...asSource,
}
export const ArchiveAnswer = z
  .object({ prompt_id: z.string(), archived: z.boolean(), changed: z.boolean(), applied, revision })
  .meta({ id: 'ArchiveAnswer' })

const retireFields = {
  release: versionField.meta({ description: 'The release that no longer has the prompt.' }),
  source: sourceName.optional(),
  reason: note.optional(),
  release_tag: ReleaseTag.optional(),
  confirm: confirmsUse('retired'),
  ...asSource,
}
export const RetireAnswer = z
  .object({
    prompt_id: z.string(),
    release: z.string(),
    changed: z.boolean(),
    applied,
    previous: z.string().nullable().meta({ description: 'The version that was stable before.' }),
    revision,
  })
  .meta({ id: 'RetireAnswer' })

const healFields = {
  stable: z
    .strictObject({ version: versionField, identity: digest, release: versionField })
    .optional()
    .meta({ description: 'The version to make stable again, with one of its releases that counts.' }),
  latest: z
    .strictObject({ version: versionField, identity: digest })
    .optional()
    .meta({ description: 'The version on the branch, to make latest again.' }),
  source: sourceName,
  reason: note.optional(),
  lease_token: asSource.lease_token,
}
export const HealAnswer = z
  .object({
    prompt_id: z.string(),
    stable: z.string().nullable(),
    latest: z.string().nullable(),
    changed: z.boolean(),
    applied,
    revision,
  })
  .meta({ id: 'HealAnswer' })

const settleFields = {
  identity: digest.nullable().meta({
    description: 'The version that the set has, or null if the set does not have the prompt.',
  }),
  expected_revision: z.int().nonnegative(),
  source: sourceName,
  reason: note.optional(),
  lease_token: z.int().nonnegative().meta({ description: 'The token of the lease held for the source.' }),
}
export const SettleAnswer = z
  .object({
    prompt_id: z.string(),
    stable: z.string().nullable(),
    changed: z.boolean(),
    applied,
    revision,
  })
  .meta({ id: 'SettleAnswer' })

export const BatchRequest = z
  .strictObject({
    operations: z
      .array(
        z.discriminatedUnion('op', [
          PushRequest.omit({ dry_run: true })
            .extend({ op: z.literal('push') })
            .meta({ id: 'BatchPush' }),
          z
            .strictObject({ op: z.literal('alias'), prompt_id: promptIdField, ...aliasFields })
            .meta({ id: 'BatchAlias' }),
          z
            .strictObject({ op: z.literal('promote'), prompt_id: promptIdField, ...promoteFields })
            .meta({ id: 'BatchPromote' }),
          z.strictObject({ op: z.literal('archive'), prompt_id: promptIdField, ...archiveFields }).meta({
            id: 'BatchArchive',
            description: 'Marks a prompt as missing from its source. It is still served.',
          }),
          z.strictObject({ op: z.literal('retire'), prompt_id: promptIdField, ...retireFields }).meta({
            id: 'BatchRetire',
            description: 'Removes the stable version of a prompt as of this release.',
          }),
          z.strictObject({ op: z.literal('heal'), prompt_id: promptIdField, ...healFields }).meta({
            id: 'BatchHeal',
            description: 'Restores stable or latest from git after a manual change.',
          }),
          z.strictObject({ op: z.literal('settle'), prompt_id: promptIdField, ...settleFields }).meta({
            id: 'BatchSettle',
            description: 'Rolls a prompt back to the set of its source, after a rollback of the source.',
          }),
        ]),
      )
      .min(1)
      .max(LIMITS.batch),
  })
  .meta({
    id: 'BatchRequest',
    description: 'Operations on one prompt run in order. Each succeeds or fails on its own.',
  })

export const BatchOutcome = z
  .discriminatedUnion('ok', [
    z.object({
      ok: z.literal(true),
      status: z.int(),
      result: z.union([
        PushAnswer,
        AliasAnswer,
        PromoteAnswer,
        ArchiveAnswer,
        RetireAnswer,
        HealAnswer,
        SettleAnswer,
      ]),
    }),
    ErrorBody.extend({ ok: z.literal(false), status: z.int() }),
  ])
  .meta({ id: 'BatchOutcome' })
export const BatchAnswer = z
  .object({ outcomes: z.array(BatchOutcome).meta({ description: 'In the order of the operations.' }) })
  .meta({ id: 'BatchAnswer' })
