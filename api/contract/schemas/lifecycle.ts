import { z } from 'zod'
import { PromoteAnswer } from './releases.ts'
import { dryRun, note, revision, sourceName, timestamp, versionField } from './shared.ts'

export const HoldKind = z.enum(['until_release', 'until_lifted'])

export const RollbackRequest = z
  .strictObject({
    version: versionField.optional(),
    reason: note.optional(),
    hold: z.enum([...HoldKind.options, 'none']).default('until_release'),
    expected_revision: z.int().nonnegative().optional(),
    dry_run: dryRun,
  })
  .meta({ id: 'RollbackRequest' })

export const Hold = z
  .object({
    kind: HoldKind,
    since: timestamp,
    actor: z.string(),
    reason: z.string().nullable(),
    rolled_back_from: z.string().nullable(),
    above: z
      .string()
      .nullable()
      .meta({ description: 'The highest release known when the hold was set; only a higher one ends it.' }),
  })
  .meta({
    id: 'Hold',
    description:
      '`until_release` ends with a higher release, unless its content, variables and config were rolled back. `until_lifted` is a freeze.',
  })

export const RollbackAnswer = PromoteAnswer.extend({ hold: Hold.nullable() }).meta({ id: 'RollbackAnswer' })

export const REVOCATION_SCOPES = ['content', 'version'] as const
export const RevokeRequest = z
  .strictObject({
    version: versionField,
    scope: z.enum(REVOCATION_SCOPES).default('content').meta({
      description:
        '`content`: every version with this content, even if pushed again. `version`: only this version, for example because of a wrong setting.',
    }),
    reason: note.optional(),
    expected_revision: z.int().nonnegative().optional(),
    dry_run: dryRun,
  })
  .meta({ id: 'RevokeRequest' })

export const RevokeAnswer = z
  .object({
    prompt_id: z.string(),
    version: z.string(),
    release: z.string().nullable().meta({ description: 'The highest release of this version.' }),
    status: z.literal('revoked'),
    changed: z.boolean(),
    scope: z.enum(REVOCATION_SCOPES),
    revoked: z
      .array(z.string())
      .meta({ description: 'The labels of all versions that the revocation covers.' }),
    releases: z.record(z.string(), z.string()).meta({
      description: 'The highest release of each version in `revoked`, by its label, if it has one.',
    }),
    stable: z.string().nullable().meta({ description: 'The version that is stable afterwards.' }),
    stable_release: z.string().nullable().meta({ description: 'The highest release of `stable`.' }),
    revision,
  })
  .meta({ id: 'RevokeAnswer' })

export const HoldRequest = z
  .strictObject({ reason: note.optional(), dry_run: dryRun })
  .meta({ id: 'HoldRequest' })
export const HoldAnswer = z
  .object({ prompt_id: z.string(), hold: Hold.nullable(), changed: z.boolean(), revision })
  .meta({ id: 'HoldAnswer' })

export const OwnerRequest = z
  .strictObject({
    source: sourceName.nullable().meta({ description: '`null` removes the owner.' }),
    create: z.boolean().optional().meta({ description: 'Accept a source that does not exist yet.' }),
    reason: note.optional(),
    dry_run: dryRun,
  })
  .meta({ id: 'OwnerRequest' })
export const OwnerAnswer = z
  .object({ prompt_id: z.string(), source: z.string().nullable(), changed: z.boolean(), revision })
  .meta({ id: 'OwnerAnswer' })
