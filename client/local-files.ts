import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { LIMITS } from '../api/contract/limits.ts'
import { promptIdProblem } from '../api/contract/prompt-id.ts'
import { LocalFileError, UnverifiedError } from './errors.ts'
import type { Events } from './events.ts'
import { readLocalPrompt } from './local-prompt.ts'
import type { Found, LocalTier } from './tier.ts'
import type { LoadVerifier } from './verification.ts'

/** In the order in which they are tried. */
const EXTENSIONS = [
  ...(['.txt', '.md', '.prompt', '.prompty'] as const),
  ...(['.mdc', '.j2', '.liquid', '.hbs', '.yml', '.yaml', '.json', '.toml'] as const),
] as const

/**
 * Prompts as files, for when no registry has them: `{localDir}/{ref}.txt`, then the other extensions of prompt files.
 * `ref` is the reference as it is written (`support/triage`, `support/triage@1.3.0`). A pinned reference never gives
 * the file without a pin, nor the other way round. Files are read as the controller reads them.
 *
 * With `loadVerifier`, only files that a signed set proves are served. Nothing outside `localDir` is ever read: neither by a path, which a valid reference cannot hold, nor by a
 * symbolic link that leads out of it.
 */
export function createLocalTier(localDir: string, events: Events, loadVerifier?: LoadVerifier): LocalTier {
  const directory = resolve(localDir)
  return {
    find: async (question) => {
      const { reference, parsed } = question
      const problem = promptIdProblem(parsed.id)
      if (problem !== undefined) throw new LocalFileError('no_file', problem)
      const { path, text } = await firstFile(directory, reference, () =>
        howToExport(localDir, reference, parsed.pin),
      )
      const prompt = await readLocalPrompt(path, text)
      if (prompt.problem !== undefined)
        events.emit({ type: 'local_file_unread', file: path, message: prompt.problem })
      const found: Found = Object.freeze({
        text: prompt.content,
        promptId: parsed.id,
        version: parsed.pin ?? null,
        release: null,
        status: null,
        description: prompt.description,
        tags: prompt.tags,
        variables: prompt.variables,
        config: prompt.config,
        format: prompt.format,
        templateLanguage: prompt.templateLanguage,
        inputs: prompt.inputs,
        immutable: false,
        source: null,
        settling: false,
        archived: false,
        movedTo: null,
      })
      if (loadVerifier === undefined) return found
      const checked = await (await loadVerifier()).checkFile(directory, question, found, text)
      if (typeof checked === 'string') throw new UnverifiedError(checked)
      return checked
    },
  }
}

/** The next step for a reference without a file. */
function howToExport(localDir: string, reference: string, pin: string | undefined): string {
  const why = pin === undefined ? 'Write it, or run' : 'A pin has a file of its own; run'
  return `${why}: promptctl export ${shellWord(reference)} --dir ${shellWord(localDir)}`
}

function shellWord(word: string): string {
  return /^[\w./:@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

async function firstFile(
  directory: string,
  reference: string,
  nextStep: () => string,
): Promise<{ path: string; text: string }> {
  for (const extension of EXTENSIONS) {
    const path = join(directory, reference + extension)
    try {
      return { path, text: decode(await readInside(directory, path), path) }
    } catch (error) {
      if (error instanceof LocalFileError) throw error
      if (!isMissing(error)) throw unreadable(error, path)
    }
  }
  const [first] = EXTENSIONS
  const path = join(directory, reference + first)
  throw new LocalFileError(
    'no_file',
    `There is no file ${path}, nor one with another extension of prompt files. ${nextStep()}`,
  )
}

async function readInside(directory: string, path: string): Promise<Uint8Array> {
  const root = await realpath(directory)
  const real = await realpath(path)
  if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw new LocalFileError('outside_local_dir', `${path} leads out of the local folder, so it is not read.`)
  }
  // The real path is opened without following links again, and without waiting if it is a pipe.
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
  if (stat.size > LIMITS.fileBytes) {
    throw new LocalFileError(
      'too_large',
      `${path} has ${stat.size} bytes; a prompt file has at most ${LIMITS.fileBytes}.`,
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

const MISSING: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function isMissing(error: unknown): boolean {
  return MISSING.includes(codeOf(error))
}

function unreadable(error: unknown, path: string): LocalFileError {
  const message = `${path} cannot be read (${codeOf(error) ?? 'unknown error'}).`
  return new LocalFileError('unreadable', message, { cause: error })
}
