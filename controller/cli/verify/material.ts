import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { RegistryError } from '../../../api/contract/errors.ts'
import { parseRequestReference } from '../../../api/contract/reference.ts'
import { sha256 } from '../../../api/contract/version.ts'
import { isFields } from '../../../client/belief.ts'
import { createEvents } from '../../../client/events.ts'
import { createLocalTier } from '../../../client/local-files.ts'
import { decodeSnapshot, restoredEntry, type SavedAnswer } from '../../../client/snapshot.ts'
import type { Question } from '../../../client/tier.ts'
import type { Verified, Verifier } from '../../../client/verification.ts'
import { CommandError } from '../failure.ts'

/** The input of a verification: the proofs of sets, and prompts. */
export interface Material {
  readonly proofs: readonly unknown[]
  readonly prompts: readonly MaterialPrompt[]
}

export interface MaterialPrompt {
  readonly reference: string
  check(verifier: Verifier): Promise<Verified>
}

/** Reads an exported folder or a bundle. `undefined` if there is neither at the path. */
export async function readMaterial(path: string, cwd: string): Promise<Material | undefined> {
  const where = resolve(cwd, path)
  const found = await stat(where).catch(() => undefined)
  if (found === undefined) return undefined
  return found.isDirectory() ? await readFolder(where) : await readBundle(where)
}

async function readBundle(file: string): Promise<Material> {
  const decoded = await decodeSnapshot(await readFile(file, 'utf8'), '', sha256)
  if (typeof decoded === 'string')
    throw new CommandError('not_a_bundle', `${file} is not a bundle that promptctl export wrote. ${decoded}`)
  return { proofs: decoded.proofs, prompts: decoded.answers.map(bundled) }
}

function bundled(saved: SavedAnswer): MaterialPrompt {
  return {
    reference: saved.reference,
    async check(verifier) {
      const { question, answer } = restoredEntry(saved, saved.reference, { toWallClock: 0, now: 0, ttlMs: 0 })
      if (answer instanceof RegistryError) return `The bundle has no text for "${saved.reference}".`
      return await verifier.check(question, answer, saved.parts)
    },
  }
}

async function readFolder(folder: string): Promise<Material> {
  const [proofs, index] = await Promise.all(
    ['proofs.json', 'prompts.json'].map((name) => readJson(join(folder, name))),
  )
  if (!isFields(index))
    throw new CommandError(
      'not_an_export',
      `${folder} has no prompts.json, which promptctl export --dir writes.`,
    )
  const references = Object.keys(index).sort()
  return {
    proofs: Array.isArray(proofs) ? proofs : [],
    prompts: references.map((one) => inFolder(folder, one)),
  }
}

function inFolder(folder: string, reference: string): MaterialPrompt {
  return {
    reference,
    async check(verifier) {
      const parsed = parseRequestReference(reference)
      const question: Question = { key: reference, reference, parsed, mode: undefined }
      try {
        return await createLocalTier(folder, createEvents(), async () => verifier).find(question)
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    },
  }
}

/** `undefined` for a file that is missing or is not JSON. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}
