import { RegistryError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { declaredInputs } from '../contract/reading/declared-inputs.ts'
import type { LookedUpPrompt, LookupAnswer, LookupRequest } from '../contract/registry-api.ts'
import { parseVersionName, versionNameKey } from '../contract/version-name.ts'
import type { VersionRecord } from '../store/records.ts'
import { foundVersion, promptRow } from './documents.ts'
import { findPrompt } from './find-prompt.ts'
import type { OperationContext } from './operation-context.ts'
import { visibilityOf, visibleHead } from './visibility.ts'

type LookupItem = LookupRequest['prompts'][number]

/** Looks up several prompts. Throws `invalid_request`. */
export async function lookUpPrompts(
  context: OperationContext,
  request: LookupRequest,
): Promise<LookupAnswer> {
  refuseTooMany(request)
  return { prompts: await Promise.all(request.prompts.map((one) => lookUp(context, one))) }
}

/** Throws `invalid_request`. */
function refuseTooMany({ prompts }: LookupRequest): void {
  const sizeOf = ({ names = [], identities = [], contents = [] }: LookupItem) =>
    names.length + identities.length + contents.length
  const size = prompts.reduce((sum, one) => sum + sizeOf(one), 0)
  if (size <= LIMITS.lookupKeysInAll) return
  throw new RegistryError(
    'invalid_request',
    `prompts: have ${size} names, identities and contents in total; at most ${LIMITS.lookupKeysInAll} are allowed. Split the request.`,
  )
}

async function lookUp(context: OperationContext, item: LookupItem): Promise<LookedUpPrompt> {
  const { prompt_id: id, names = [], identities = [], contents = [] } = item
  const nothing = {
    prompt_id: id,
    prompt: null,
    names: {},
    versions: [],
    revoked_contents: [],
    stable_inputs: null,
    enforces_inputs: context.settings.inputs === 'enforce',
    problem: null,
  }
  try {
    const visibility = visibilityOf(context)
    const there = await findPrompt(context.prompts, id)
    const snapshot = there && visibility.listing(there)
    if (snapshot === undefined) return nothing
    const { head } = snapshot
    const isVisible = (version: VersionRecord) => visibility.isVisible(version, head)
    const keys = [...new Set(names.map((name) => versionNameKey(parseVersionName(name))))]
    const found = await context.prompts.find(id, { names: keys, identities, contents })
    const named = names.flatMap((name) => {
      const version = found.byName.get(versionNameKey(name))
      return version === undefined || !isVisible(version)
        ? []
        : [[name, foundVersion(version, head)] as const]
    })
    return {
      ...nothing,
      prompt_id: head.promptId,
      prompt: promptRow({ ...snapshot, head: await visibleHead(context, head) }),
      names: Object.fromEntries(named),
      versions: [...found.byIdentity.values()]
        .filter(isVisible)
        .map((version) => foundVersion(version, head)),
      revoked_contents: revokedAmong(found.sameContent.filter(isVisible)),
      stable_inputs: declaredBy(snapshot.stable),
    }
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code === 'busy') throw error
    context.failed(nothing.prompt_id, error)
    return { ...nothing, problem: error.toDocument() }
  }
}

function declaredBy(version: VersionRecord | null): LookedUpPrompt['stable_inputs'] {
  const inputs = version === null ? [] : declaredInputs(version)
  return inputs.length === 0 ? null : (inputs as LookedUpPrompt['stable_inputs'])
}

function revokedAmong(versions: readonly VersionRecord[]): string[] {
  const revoked = versions.filter(
    ({ status, revokedScope }) => status === 'revoked' && revokedScope === 'content',
  )
  return [...new Set(revoked.map(({ contentSha256 }) => contentSha256))]
}
