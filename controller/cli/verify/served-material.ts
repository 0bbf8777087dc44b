import { parseReference } from '../../../api/contract/reference.ts'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { sha256 } from '../../../api/contract/version.ts'
import { believe } from '../../../client/belief.ts'
import type { Question } from '../../../client/tier.ts'
import { partsOf } from '../sign-export.ts'
import type { Material } from './material.ts'

/** A prompt that a registry serves in production, with the proof of its source's set. Throws `RegistryError`. */
export async function servedMaterial(api: RegistryApi, reference: string): Promise<Material> {
  const prompt = await api.resolve(reference, { include: 'file' })
  const { source } = prompt
  const set = source === null ? null : await api.currentSet(source, { include: 'proof' })
  const question: Question = { key: reference, reference, parsed: parseReference(reference), mode: undefined }
  return {
    proofs: set?.proof == null ? [] : [set.proof],
    prompts: [
      {
        reference,
        check: async (verifier) =>
          await verifier.check(question, await believe(prompt, question, sha256), partsOf(prompt, prompt)),
      },
    ],
  }
}
