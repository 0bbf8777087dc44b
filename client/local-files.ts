import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { LIMITS } from '../api/contract/limits.ts'
import { LocalFileError } from './errors.ts'
import type { Tier } from './tier.ts'

/**
 * Prompts as files, for when no registry answers: `{localDir}/{ref}.txt`, where `ref` is the reference as it is
 * written (`support/triage`, `support/triage@1.3.0`, `support/triage_v1.3`). A pinned reference never gives the
 * file without a pin, nor the other way round. The text is the file, byte for byte.
 *
 * Nothing outside `localDir` is ever read: neither by a path, which a valid reference cannot hold, nor by a
 * symbolic link that leads out of it.
 */
export function createLocalTier(localDir: string): Tier {
  const directory = resolve(localDir)
  return {
    name: 'local',
    title: `The folder ${directory}`,
    waitsFor: 'disk',
    find: async ({ reference, parsed }) => ({
      text: await readPromptFile(directory, reference),
      promptId: parsed.id,
      version: parsed.pin ?? null,
      status: null,
      variables: null,
      config: null,
      tier: 'local',
      ageMs: 0,
      stale: false,
    }),
  }
}

async function readPromptFile(directory: string, reference: string): Promise<string> {
  const path = join(directory, `${reference}.txt`)
  try {
    return decode(await readInside(directory, path), path)
  } catch (error) {
    throw error instanceof LocalFileError ? error : failure(error, path)
  }
}

async function readInside(directory: string, path: string): Promise<Uint8Array> {
  const root = await realpath(directory)
  const real = await realpath(path)
  if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw new LocalFileError('outside_local_dir', `${path} leads out of the local folder, so it is not read.`)
  }
  // The real path is opened without following links again, and without waiting where it is a pipe.
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const { size } = await checkedStat(file, path)
    const { buffer, bytesRead } = await file.read(new Uint8Array(size), 0, size, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function checkedStat(file: Awaited<ReturnType<typeof open>>, path: string): Promise<{ size: number }> {
  const stat = await file.stat()
  if (!stat.isFile()) throw new LocalFileError('not_a_file', `${path} is not a file.`)
  if (stat.size > LIMITS.contentBytes) {
    throw new LocalFileError(
      'too_large',
      `${path} has ${stat.size} bytes; a prompt has at most ${LIMITS.contentBytes}.`,
    )
  }
  return stat
}

function decode(bytes: Uint8Array, path: string): string {
  if (bytes.length === 0) throw new LocalFileError('not_text', `${path} is empty; write the prompt into it.`)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new LocalFileError('not_text', `${path} is not UTF-8; save it as UTF-8.`, { cause })
  }
}

function failure(error: unknown, path: string): LocalFileError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') {
    return new LocalFileError('no_file', `There is no file ${path}.`, { cause: error })
  }
  return new LocalFileError('unreadable', `${path} cannot be read (${code ?? 'unknown error'}).`, {
    cause: error,
  })
}
