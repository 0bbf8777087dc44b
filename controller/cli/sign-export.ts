import type { KeyObject } from 'node:crypto'
import { parsePrivateKey } from '../../api/contract/keys/private-key.ts'
import type { Mode } from '../../api/contract/mode.ts'
import { signSet } from '../../api/contract/proof/set-statement.ts'
import type { SetProof } from '../../api/contract/proof/verify-set.ts'
import type { IdentityParts } from '../../api/contract/proof/version-identity.ts'
import { parseReference } from '../../api/contract/reference.ts'
import type { ResolvedPrompt } from '../../api/contract/registry-api.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { UsageError } from './context.ts'
import type { Exported, ExportedFile } from './export-skills.ts'
import { CommandError } from './failure.ts'
import { readText } from './input.ts'

/** Parts of the identity of an exported prompt besides its fields. */
export function partsOf({ content }: ResolvedPrompt, exported: ExportedFile | undefined): IdentityParts {
  const { file = null, additions = null, sidecars = null, files = null } = exported ?? {}
  const frontMatter = file === null ? null : file.slice(0, file.length - content.length)
  return { frontMatter, additions, sidecars, files }
}

/** Throws `UsageError` for a mode that includes drafts, and `CommandError` for a key that cannot sign. */
export async function readSigningKey(file: string, mode: Mode, runtime: CliRuntime): Promise<KeyObject> {
  if (mode === 'simulation' || mode === 'dev')
    throw new UsageError('--sign signs released versions; use it with --mode production or staging.')
  try {
    return parsePrivateKey(await readText(file, runtime))
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    const why = cause instanceof Error ? cause.message : cause
    throw new CommandError('invalid_key', `The key ${file} cannot sign: ${why}.`, { cause })
  }
}

/** A signed set for each source, with its exported prompts. Throws `CommandError` for a prompt that cannot be in one. */
export function signedSets(all: readonly Exported[], key: KeyObject, now: number): readonly SetProof[] {
  const members = new Map<string, Record<string, string>>()
  for (const one of all) {
    const set = members.get(sourceOf(one)) ?? {}
    addMember(set, one)
    members.set(sourceOf(one), set)
  }
  return [...members].map(([source, own]) => {
    const made = { kind: 'release', source, members: own, sequence: now } as const
    return {
      statement: signSet({ ...made, release: null, evidence: [], policy: null }, key),
      releases: [],
    }
  })
}

function sourceOf({ prompt: { source, prompt_id: id } }: Exported): string {
  if (source !== null) return source
  throw new CommandError('no_source', `"${id}" cannot be signed, because no source owns it. Export it alone.`)
}

/** A set has one version of a prompt. */
function addMember(set: Record<string, string>, { reference, prompt }: Exported): void {
  const { prompt_id: id, identity } = prompt
  if ((set[id] ?? identity) === identity) {
    set[id] = identity
    return
  }
  throw new CommandError(
    'two_versions',
    `"${reference}" cannot be signed, because a set has only one version of "${parseReference(reference).id}". Export the pin alone.`,
  )
}
