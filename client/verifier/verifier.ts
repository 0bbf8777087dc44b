import { isRecord } from '../../api/contract/attestation/statement.ts'
import { verificationKey } from '../../api/contract/keys/verification-key.ts'
import { promptIdKey } from '../../api/contract/prompt-id.ts'
import { ProofError } from '../../api/contract/proof/proof-error.ts'
import { createProvenSets } from '../../api/contract/proof/proven-sets.ts'
import { type IdentityParts, identityOf } from '../../api/contract/proof/version-identity.ts'
import type { Additions } from '../../api/contract/version.ts'
import { identityLabel, isIdentityLabel } from '../../api/contract/version.ts'
import { frozen } from '../belief.ts'
import type { Found } from '../tier.ts'
import type { KeyTexts, ProofProblem, Verifier } from '../verification.ts'
import { createCheckAnswer } from './answers.ts'
import { checkFile } from './files.ts'

/** Throws an `Error` with a sentence for a wrong key. */
export function createVerifier(keys: KeyTexts): Verifier {
  const sets = createProvenSets({
    release: keys.release.map(readKey),
    emergency: keys.emergency.map(readKey),
  })
  const known = new WeakMap<Found, { readonly parts: IdentityParts; readonly identity: string }>()
  const verifier: Verifier = {
    add: (proof) => {
      try {
        return olderThanSeen(sets.add(proof))
      } catch (error) {
        if (error instanceof ProofError) return { kind: 'invalid', message: error.message }
        throw error
      }
    },
    async check({ reference, parsed, set }, found, document) {
      const parts = isPrompt(found) ? readParts(document) : undefined
      const identity = parts && safeIdentity(found, parts)
      if (parts === undefined || identity === undefined)
        return `The file of "${reference}" is missing or malformed, so its version is unknown.`
      if (promptIdKey(found.promptId) !== promptIdKey(parsed.id))
        return `The prompt is "${found.promptId}", not "${parsed.id}".`
      const label = found.version
      if (label !== null && isIdentityLabel(label) && label !== identityLabel(identity))
        return `The file of "${reference}" is version ${identityLabel(identity)}, not ${label}.`
      const version = { promptId: found.promptId, pin: parsed.pin, set: set?.digest, identity }
      const problem = sets.problem(version)
      if (problem !== undefined) return problem
      const proven = parts.frontMatter === null ? found : await readAgain(found, parts, parts.frontMatter)
      if (typeof proven !== 'string') known.set(proven, { parts, identity })
      return proven
    },
    checkFile: (...given) => checkFile(verifier, ...given),
    answersOf: (transport) => createCheckAnswer(transport, verifier),
    partsOf: (found) => known.get(found)?.parts,
    isProven({ parsed, set }, found) {
      const { identity = '' } = known.get(found) ?? {}
      const version = { promptId: found.promptId, pin: parsed.pin, set: set?.digest, identity }
      return sets.problem(version) === undefined
    },
    get proofs() {
      return sets.proofs
    },
  }
  return verifier

  function olderThanSeen({ source, sequence }: { readonly source: string; readonly sequence: number }) {
    const newest = sets.current(source)?.sequence ?? sequence
    if (newest <= sequence) return undefined
    const message = `The signed set of source "${source}" is older (${sequence}) than one that was seen before (${newest}).`
    return { kind: 'older', message } satisfies ProofProblem
  }
}

function readKey(text: string) {
  try {
    return verificationKey(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : error
    throw new Error(`The key "${text.slice(0, 40)}" cannot verify anything: ${why}.`, { cause: error })
  }
}

/** A file of answers may hold anything. */
function isPrompt({ text, promptId }: Found): boolean {
  return typeof text === 'string' && typeof promptId === 'string'
}

function readParts(document: unknown): IdentityParts | undefined {
  if (!isRecord(document)) return undefined
  const { frontMatter = null, additions = null, sidecars = null, files = null } = document
  if (frontMatter !== null && typeof frontMatter !== 'string') return undefined
  return { frontMatter, additions, sidecars, files } as IdentityParts
}

/** `undefined` for parts of another shape than their types. */
function safeIdentity({ text, ...fields }: Found, parts: IdentityParts): string | undefined {
  const { variables, config, description, tags } = fields
  try {
    return identityOf({ content: text, variables, config, description, tags }, parts)
  } catch {
    return undefined
  }
}

/** Reads the file. Only its format and template language, which may follow from its name, are those of `found`. */
async function readAgain(found: Found, parts: IdentityParts, frontMatter: string): Promise<Found | string> {
  const { isFileProblem, readParts: read, readPrompt } = await import('../yaml.ts')
  const additions: Additions = parts.additions ?? {}
  const format = additions.format ?? found.format ?? (frontMatter === '' ? 'text' : 'front-matter')
  const content = found.text
  const file = read({ format, frontMatter, content }, additions, parts.sidecars)
  if (isFileProblem(file)) return `The file of "${found.promptId}" cannot be read: ${file.message}`
  const { description, tags, variables, config } = file
  const templateLanguage = additions.templateLanguage ?? found.templateLanguage ?? null
  const { inputs } = readPrompt({ format, templateLanguage, content, variables, config })
  return frozen({ ...found, description, tags, variables, config, format, templateLanguage, inputs })
}
