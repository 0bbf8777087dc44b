import { ProofError } from '../../../api/contract/proof/proof-error.ts'
import { type ProofKeys, type VerifiedSet, verifyProof } from '../../../api/contract/proof/verify-set.ts'
import type { Verifier } from '../../../client/verification.ts'
import type { Material } from './material.ts'

/** The result of a verification. Everything is proven if no `problem` is set. */
export interface VerifyReport {
  readonly sets: readonly SetResult[]
  readonly prompts: readonly PromptResult[]
}

export type SetResult =
  | ({ readonly problem: null; readonly releases: number } & VerifiedSet)
  | { readonly problem: string }

export interface PromptResult {
  readonly reference: string
  readonly version: string | null
  /** Why no set proves the prompt, or null. */
  readonly problem: string | null
}

/** Verifies the sets, then the prompts with them. */
export async function verifyMaterial(
  { proofs, prompts }: Material,
  keys: ProofKeys,
  verifier: Verifier,
): Promise<VerifyReport> {
  const sets = proofs.map((proof) => setResult(proof, keys))
  for (const proof of proofs) verifier.add(proof)
  const results: PromptResult[] = []
  for (const { reference, check } of prompts) {
    const checked = await check(verifier)
    const isProven = typeof checked !== 'string'
    const version = isProven ? checked.version : null
    results.push({ reference, version, problem: isProven ? null : checked })
  }
  return { sets, prompts: results }
}

export function isProven({ sets, prompts }: VerifyReport): boolean {
  return prompts.length > 0 && [...sets, ...prompts].every(({ problem }) => problem === null)
}

function setResult(proof: unknown, keys: ProofKeys): SetResult {
  try {
    const { statement, releases } = verifyProof(proof, keys)
    return { problem: null, ...statement, releases: releases.length }
  } catch (error) {
    if (error instanceof ProofError) return { problem: error.message }
    throw error
  }
}

/** The chain of a set in words, from the tag to its signature. */
export function chainOf(set: SetResult): readonly string[] {
  if (set.problem !== null) return [`A set is not proven. ${set.problem}`]
  const { source, kind, sequence, release, evidence, policy, key, releases } = set
  const count = Object.keys(set.members).length
  return [
    `Set ${set.set} of source "${source}" has ${count} prompt${count === 1 ? '' : 's'}, and number ${sequence} in the order of its sets.`,
    kind === 'release' ? releaseLine(release) : emergencyLine(releases),
    ...(evidence.length > 0 ? [`  Evidence: ${evidence.join(', ')}.`] : []),
    ...(policy === null ? [] : [`  Policy: ${policy}.`]),
    `  The ${kind} key ${key} signed it.`,
  ]
}

function releaseLine(release: VerifiedSet['release']): string {
  if (release === null) return '  It was signed by hand, and names no tag.'
  const { tag, commit, repository, signer } = release
  const where = [
    ...(commit === null ? [] : [`at commit ${commit}`]),
    ...(repository === null ? [] : [`of ${repository}`]),
  ]
  const signed = signer === null ? 'No signature of the tag is known' : `${signer} signed the tag`
  return `  Tag ${[tag, ...where].join(' ')} released it. ${signed}.`
}

function emergencyLine(releases: number): string {
  const count = `${releases} signed release${releases === 1 ? '' : 's'}`
  return `  It was derived by hand, from versions of ${releases === 0 ? 'no release' : count}.`
}
