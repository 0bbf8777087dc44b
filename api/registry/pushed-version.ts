import { RegistryError } from '../contract/errors.ts'
import type { FolderFile } from '../contract/folder-files.ts'
import type { PushRequest } from '../contract/registry-api.ts'
import {
  bareIdentity,
  fileIdentity,
  filesSha256,
  identityLabel,
  isIdentityLabel,
  isNothing,
  type Json,
  payloadSha256,
  sha256,
} from '../contract/version.ts'
import type { StoredFile } from '../store/atomic-change.ts'
import type { VersionRecord } from '../store/records.ts'
import { pushedFiles } from './pushed-files.ts'

/** Fields of a version that do not come from its content or file. */
type SetByRegistry =
  | 'order'
  | 'status'
  | 'aliases'
  | 'origin'
  | 'release'
  | 'waiting'
  | 'revokedScope'
  | 'promotedOver'
  | 'createdAt'
  | 'updatedAt'
  | 'releasedAt'
  | 'textLost'

/** A push with its derived values, each computed once. */
export interface PushedVersion extends Omit<VersionRecord, SetByRegistry> {
  readonly request: PushRequest
  /** The files of its skill folder, to be stored. */
  readonly stored: readonly StoredFile[]
}

/** The version in a push request. Throws `invalid_request`, `invalid_version`. */
export async function pushedVersion(request: PushRequest): Promise<PushedVersion> {
  const pushed = pushedFiles(request)
  const files = pushed?.files ?? null
  const contentSha256 = sha256(request.content)
  const read =
    request.front_matter === undefined
      ? bare(request)
      : await file(request, request.front_matter, { files, contentSha256 })
  const version = request.version ?? identityLabel(read.identity)
  if (read.fileSha256 !== null) refuseStrangeLabel(version, read.identity)
  const { variables, config, templateLanguage } = read
  return {
    ...read,
    request,
    version,
    contentSha256,
    payloadSha256: payloadSha256(
      { content: request.content, variables, config, templateLanguage, files },
      contentSha256,
    ),
    manifest: pushed?.manifest ?? null,
    stored: pushed?.stored ?? [],
  }
}

type Read = Omit<
  PushedVersion,
  'request' | 'version' | 'contentSha256' | 'payloadSha256' | 'manifest' | 'stored'
>

function bare(request: PushRequest): Read {
  const ofFile = (['format', 'additions', 'sidecars', 'files'] as const).find(
    (field) => request[field] !== undefined,
  )
  if (ofFile !== undefined) {
    throw new RegistryError(
      'invalid_request',
      `${ofFile}: requires front_matter; send "" if the file has none.`,
    )
  }
  const { description = null } = request
  return {
    identity: bareIdentity(request),
    fileSha256: null,
    format: 'text',
    templateLanguage: request.template_language ?? null,
    additions: null,
    sidecars: null,
    variables: something(request.variables),
    config: something(request.config),
    description,
    tags: request.tags ?? [],
  }
}

const READ_FROM_FILE = ['description', 'tags', 'variables', 'config'] as const

async function file(
  request: PushRequest,
  frontMatter: string,
  { files, contentSha256 }: { readonly files: readonly FolderFile[] | null; readonly contentSha256: string },
): Promise<Read> {
  const beside = READ_FROM_FILE.find((field) => request[field] !== undefined)
  if (beside !== undefined) {
    throw new RegistryError('invalid_request', `${beside}: is read from front_matter; send only one of them.`)
  }
  // Loaded on demand: only pushes of files need the YAML parser.
  const { isFileProblem, readParts, templateLanguageOf } = await import('../contract/reading/index.ts')
  const format = request.format ?? (frontMatter === '' ? 'text' : 'front-matter')
  const { sidecars = null } = request
  const read = readParts({ format, frontMatter, content: request.content }, request.additions, sidecars)
  if (isFileProblem(read)) {
    const line = read.line === undefined ? '' : `, line ${read.line}`
    throw new RegistryError('invalid_request', `front_matter${line}: ${read.message}`)
  }
  const { variables, config, description, tags, additions } = read
  const fileSha256 = frontMatter === '' ? contentSha256 : sha256(frontMatter + request.content)
  const identity = fileIdentity(filesSha256(fileSha256, { sidecars, files }), additions)
  const { template_language: templateLanguage = templateLanguageOf({ format, config }) } = request
  return {
    ...{ identity, fileSha256, format, templateLanguage, additions, sidecars },
    ...{ variables, config, description, tags },
  }
}

/** A label of a file that looks like an identity must be the start of its own. */
function refuseStrangeLabel(version: string, identity: string): void {
  if (!isIdentityLabel(version) || version === identityLabel(identity)) return
  throw new RegistryError(
    'invalid_version',
    `"${version}" looks like the label of another version; the label of this version is ${identityLabel(identity)}. Leave "version" out, or choose a name that is not 12 hex digits.`,
  )
}

function something(value: Json | undefined): Json | null {
  return isNothing(value) ? null : (value ?? null)
}
