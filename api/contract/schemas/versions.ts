import { z } from 'zod'
import { STATUSES } from '../version.ts'
import { Origin } from './push.ts'
import { fileSha256, format, identity, timestamp } from './shared.ts'

/** The fields of a version in every answer that has one. */
export const versionFields = {
  version: z.string(),
  release: z
    .string()
    .nullable()
    .meta({ description: 'The highest release of this version, such as `1.3.0`.' }),
  status: z.enum(STATUSES),
  file_sha256: fileSha256,
  format,
  description: z.string().nullable(),
  tags: z.array(z.string()),
  origin: Origin.nullable(),
  created_at: timestamp.nullable(),
  released_at: timestamp.nullable(),
}

export const VersionRow = z
  .object({
    ...versionFields,
    waiting: z
      .array(z.string())
      .meta({ description: 'Releases of this version that wait for a hold or a freeze to end.' }),
    aliases: z.array(z.string()),
    content_sha256: z
      .string()
      .nullable()
      .meta({ description: 'null: the content is missing from the store.' }),
    identity: identity.nullable(),
  })
  .meta({ id: 'VersionRow' })
export const VersionsAnswer = z
  .object({ prompt_id: z.string(), versions: z.array(VersionRow), next_cursor: z.string().nullable() })
  .meta({ id: 'VersionsAnswer' })

const paths = z.array(z.string())
const FileChanges = z
  .object({ added: paths, changed: paths, removed: paths })
  .meta({ id: 'FileChanges', description: 'Paths of files that differ between two versions.' })

export const DiffQuery = z.object({ v1: z.string().optional(), v2: z.string().optional() })
export const DiffAnswer = z
  .object({
    prompt_id: z.string(),
    v1: z.string(),
    v2: z.string(),
    diff: z.string().meta({ description: 'Unified diff; empty if the versions have the same text.' }),
    files: FileChanges.nullable().meta({
      description: 'The changed sidecars and other files of a skill folder; null if none changed.',
    }),
  })
  .meta({ id: 'DiffAnswer' })
