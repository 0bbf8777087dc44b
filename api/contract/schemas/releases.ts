import { z } from 'zod'
import { STATUSES } from '../version.ts'
import {
  applied,
  asSource,
  digest,
  dryRun,
  nonEmpty,
  note,
  oid,
  revision,
  short,
  sourceName,
  versionField,
} from './shared.ts'

const PullRequest = z
  .strictObject({
    number: z.int().positive(),
    author: short.nullable(),
    approved_by: z.array(short).max(20),
  })
  .meta({ id: 'PullRequest', description: 'The merged pull request that brought the commit to its branch.' })

/** The commit and signature behind a release. */
export const ReleaseTag = z
  .strictObject({
    tag: nonEmpty.max(1024),
    tag_object: oid.nullish(),
    commit: oid,
    tagger: short.nullish(),
    tagged_at: z.string().max(64).nullish(),
    signer: short.nullish(),
    pull_request: PullRequest.nullish().meta({
      description: 'null: the commit came without a pull request. Absent: unknown.',
    }),
  })
  .meta({ id: 'ReleaseTag', description: 'The git tag of a release. Recorded in the events.' })

/** Evidence about the version, as the source verified it before the promotion. */
export const Evidence = z
  .strictObject({
    name: nonEmpty.max(100),
    result: nonEmpty.max(100),
    attester: short,
    sha256: digest.nullable(),
    finished_at: z.string().max(64).nullable(),
  })
  .meta({ id: 'Evidence', description: 'Evidence about a version. Recorded in the event of its promotion.' })

const MOST_EVIDENCE = 20

const expectedIdentity = digest
  .optional()
  .meta({ description: 'Refuse with `label_taken` if `version` names another version.' })
export const promoteFields = {
  version: versionField,
  identity: expectedIdentity,
  alias: versionField.optional().meta({ description: 'The release, such as `1.3.0`.' }),
  allow_breaking_inputs: z
    .boolean()
    .optional()
    .meta({ description: 'true: promote although the release breaks callers in a smaller step than major.' }),
  source: sourceName.optional(),
  reason: note.optional(),
  release_tag: ReleaseTag.optional(),
  evidence: z.array(Evidence).max(MOST_EVIDENCE).optional(),
  expected_revision: z.int().nonnegative().optional(),
  ...asSource,
}
export const PromoteRequest = z
  .strictObject({ ...promoteFields, dry_run: dryRun })
  .meta({ id: 'PromoteRequest' })

const releaseOfVersion = z.string().nullable()

export const PromoteAnswer = z
  .object({
    prompt_id: z.string(),
    version: z.string(),
    release: releaseOfVersion.meta({ description: 'The highest release of this version, such as `1.3.0`.' }),
    status: z.literal('stable'),
    changed: z.boolean().meta({ description: 'Whether another version was stable before.' }),
    applied,
    previous: z.string().nullable().meta({ description: 'The version that was stable before.' }),
    previous_release: releaseOfVersion.meta({ description: 'The highest release of `previous`.' }),
    revision,
  })
  .meta({ id: 'PromoteAnswer' })

export const aliasFields = {
  alias: versionField,
  version: versionField,
  identity: expectedIdentity,
  waiting: z.boolean().optional().meta({
    description:
      'true: the release waits for a hold or a freeze to end; its version stays a draft until then.',
  }),
  counts: z.boolean().optional().meta({
    description:
      'Whether the version counts as released. Default: true, except for a pre-release without `waiting`.',
  }),
  source: sourceName.optional(),
  reason: note.optional(),
  release_tag: ReleaseTag.optional(),
  ...asSource,
}
export const AliasRequest = z.strictObject({ ...aliasFields, dry_run: dryRun }).meta({ id: 'AliasRequest' })

export const AliasAnswer = z
  .object({
    prompt_id: z.string(),
    alias: z.string(),
    version: z.string(),
    status: z.enum(STATUSES),
    changed: z.boolean(),
    applied,
    revision,
  })
  .meta({ id: 'AliasAnswer' })
