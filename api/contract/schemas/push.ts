import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { TEMPLATE_LANGUAGES } from '../reading/template-language.ts'
import { STATUSES } from '../version.ts'
import { templateLanguage } from './reading.ts'
import {
  applied,
  asSource,
  digest,
  dryRun,
  format,
  identity,
  json,
  note,
  oid,
  promptIdField,
  revision,
  short,
  sourceName,
  tagList,
  versionField,
} from './shared.ts'

const originFields = {
  source: sourceName.optional(),
  repository: short.optional(),
  commit: oid.optional(),
  path: short.optional(),
  blob: oid.optional(),
  author: short.optional(),
  committed_at: z.string().max(64).optional(),
}
export const Origin = z.object(originFields).meta({ id: 'Origin', description: 'The origin of a version.' })
const pushedOrigin = z
  .strictObject(originFields)
  .meta({ id: 'PushedOrigin', description: 'The origin of a version.' })

export const Additions = z
  .strictObject({
    description: z.string().optional(),
    tags: tagList.optional(),
    format: format.optional(),
    templateLanguage: z.enum(TEMPLATE_LANGUAGES).optional(),
  })
  .meta({
    id: 'Additions',
    description: 'What the layout adds to a file, or sets instead of it. Part of the identity.',
  })

const sidecarName = z.string().regex(/^(?!\.{1,2}$)[^/\\\0]{1,200}$/, 'expected a file name')
export const Sidecars = z
  .strictObject({
    main: sidecarName.meta({ description: 'The name of the prompt file.' }),
    texts: z.record(sidecarName, z.string()).meta({ description: 'The files beside it, by name.' }),
  })
  .meta({ id: 'Sidecars', description: 'Files beside a prompt file that belong to its prompt.' })

const folderFileFields = {
  path: z.string().min(1).meta({ description: 'From the folder, such as `references/style.md`.' }),
  bytes: z.int().nonnegative(),
  sha256: digest,
}
const PushedFile = z
  .strictObject({
    ...folderFileFields,
    text: z.string().optional().meta({ description: 'Left out for a file that is not text.' }),
  })
  .meta({ id: 'PushedFile', description: 'Another file of the folder of a SKILL.md.' })
export const FolderFile = z
  .object({
    ...folderFileFields,
    binary: z.literal(true).optional().meta({
      description: 'true: the file is not text, so the registry has only its digest.',
    }),
  })
  .meta({ id: 'FolderFile', description: 'Another file of the folder of a SKILL.md.' })
export const FolderFileAnswer = z
  .object({ prompt_id: z.string(), ...folderFileFields, text: z.string() })
  .meta({ id: 'FolderFileText', description: 'Another file of the folder of a SKILL.md, with its text.' })

export const PushRequest = z
  .strictObject({
    prompt_id: promptIdField,
    content: z.string(),
    front_matter: z.string().optional().meta({
      description:
        'The exact text of the file before `content`; empty if there is none. If set, description, tags, variables and config are read from it and must not be sent as fields.',
    }),
    format: format.optional(),
    template_language: templateLanguage.optional().meta({
      description: 'How placeholders are written. Default: by the front matter, else by `format`.',
    }),
    additions: Additions.optional(),
    sidecars: Sidecars.optional(),
    files: z.array(PushedFile).max(LIMITS.folderFiles).optional().meta({
      description: 'All other files of the folder, if the file is a SKILL.md. Part of the identity.',
    }),
    version: versionField.optional(),
    variables: json.optional(),
    config: json.optional(),
    description: z.string().nullish(),
    tags: tagList.nullish(),
    latest: z.boolean().optional().meta({ description: 'false: do not move `latest`.' }),
    origin: pushedOrigin.optional(),
    reason: note.optional(),
    dry_run: dryRun,
    ...asSource,
  })
  .meta({ id: 'PushRequest' })

export const PushAnswer = z
  .object({
    prompt_id: z.string(),
    version: z.string(),
    identity,
    status: z.enum(STATUSES),
    created: z.boolean(),
    applied,
    revision,
  })
  .meta({ id: 'PushAnswer' })
