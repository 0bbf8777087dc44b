import { RegistryError } from '../contract/errors.ts'
import type { Mode } from '../contract/mode.ts'
import { parseReference, type Reference, seededReferences } from '../contract/reference.ts'
import type { ResolvedPrompt, ResolveQuery } from '../contract/registry-api.ts'
import { parseVersionName, versionNameKey } from '../contract/version-name.ts'
import { resolvedPrompt } from './documents.ts'
import { findVersion } from './find-prompt.ts'
import { existing } from './guards.ts'
import type { OperationContext } from './operation-context.ts'
import { chooseVersion } from './resolve.ts'
import { visibleHead } from './visibility.ts'

/** What to add to a resolved prompt. */
export interface Wants {
  readonly frontMatter: boolean
  readonly file: boolean
  readonly messages: boolean
}

export function wantsOf(include: readonly string[] = [], frontMatter = false): Wants {
  return { frontMatter, file: include.includes('file'), messages: include.includes('messages') }
}

const NOT_AN_ID: readonly string[] = [
  'not_found',
  'invalid_prompt_id',
  'invalid_reference',
  'invalid_version',
]

/** Resolves a reference, or the seeded row with exactly this id, which may be outside of the grammar. */
export async function resolveReference(
  context: OperationContext,
  text: string,
  mode: Mode,
  wants: Wants,
  query: ResolveQuery = {},
): Promise<ResolvedPrompt> {
  try {
    return await resolveOne(context, withVersion(parseReference(text), query), mode, wants)
  } catch (error) {
    if (!(error instanceof RegistryError) || !NOT_AN_ID.includes(error.code)) throw error
    for (const reference of seededReferences(text)) {
      const snapshot = await context.prompts.snapshot(reference.id)
      if (snapshot?.head.promptId === reference.id)
        return await resolveOne(context, withVersion(reference, query), mode, wants)
    }
    throw error
  }
}

/** The pin may be in the reference, in the query, or in both if they agree. */
function withVersion(reference: Reference, { version }: ResolveQuery): Reference {
  if (version === undefined) return reference
  const pin = parseVersionName(version)
  if (reference.pin === undefined || versionNameKey(reference.pin) === versionNameKey(pin))
    return { id: reference.id, pin }
  throw new RegistryError(
    'invalid_reference',
    `The reference pins version "${reference.pin}" and the query asks for "${version}"; name one of them.`,
  )
}

async function resolveOne(
  context: OperationContext,
  reference: Reference,
  mode: Mode,
  wants: Wants,
): Promise<ResolvedPrompt> {
  const { prompts, settings } = context
  const { id, pin } = reference
  const [snapshot, pinned] = await Promise.all([
    prompts.snapshot(id),
    pin === undefined ? undefined : findVersion(prompts, id, pin),
  ])
  const version = chooseVersion(reference, snapshot, pinned, mode, settings)
  const head = await visibleHead(context, existing(id, snapshot).head)
  const content = await prompts.content(id, version)
  const reading = await context.readings.of(version, content)
  const resolved = resolvedPrompt(head, version, content, reading, pin !== undefined)
  const needsFile = (wants.frontMatter || wants.file) && version.fileSha256 !== null
  const front_matter = needsFile ? await prompts.frontMatter(id, version) : null
  return {
    ...resolved,
    ...(wants.frontMatter && { front_matter }),
    ...(wants.file && {
      file: front_matter === null ? null : front_matter + content,
      sidecars: version.sidecars ?? null,
    }),
    ...(wants.messages && {
      messages: reading.messages as ResolvedPrompt['messages'],
      template: reading.template,
      reading_problem: reading.readingProblem,
    }),
  }
}
