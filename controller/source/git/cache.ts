import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exists } from '../../values/exists.ts'
import type { GitCommand } from './command.ts'
import { gitMissing } from './errors.ts'
import { makePrivateFolder, PRIVATE_FILE } from './private-folder.ts'

/**
 * The directory of one source:
 *
 *     lock.db    the lock (lock.ts)
 *     current    the generation in use, and its repository
 *     <n>.git    a bare repository; other numbers are leftovers
 *
 * The caller holds the lock for everything here.
 *
 * A generation in which a run was killed is never used again: git leaves lock files, partial packs and helpers
 * that keep writing. A new directory with a new number avoids them, for one full fetch of commits and trees.
 * `UNSAFE` inside a generation marks running work. A lock holder that finds it knows that its writer is dead.
 */
const UNSAFE = 'unfinished'
const CURRENT = 'current'
/** `--shared` of `git init`: only this user may read and write its files, regardless of the umask. */
const GIT_PRIVATE = '0600'

export interface CacheIdentity {
  readonly url: string
  readonly objectFormat: 'sha1' | 'sha256'
}

/** The generation in use; `undefined` if none can be trusted for this repository. */
export async function currentGeneration(
  cacheDir: string,
  wanted: CacheIdentity,
): Promise<string | undefined> {
  const text = await readFile(join(cacheDir, CURRENT), 'utf8').catch(() => '')
  const [name = '', ...identity] = text.split('\n')
  if (!/^\d+\.git$/.test(name) || identity.join('\n') !== identityText(wanted)) return undefined
  const directory = join(cacheDir, name)
  const sound = (await exists(join(directory, 'HEAD'))) && !(await exists(join(directory, UNSAFE)))
  return sound ? directory : undefined
}

/**
 * Creates a generation, lets `fill` fetch into it, and then switches to it. If the remote cannot be read, the
 * older generation stays in use.
 */
export async function newGeneration(
  git: GitCommand,
  cacheDir: string,
  identity: CacheIdentity,
  fill: (directory: string) => Promise<void>,
): Promise<string> {
  // A number above all others, so that a helper of a killed run never writes into the new directory.
  const number = 1 + Math.max(0, ...(await generations(cacheDir)))
  const directory = join(cacheDir, `${number}.git`)
  try {
    await makePrivateFolder(directory)
    const format = identity.objectFormat === 'sha1' ? {} : { '--object-format': identity.objectFormat }
    const options = { ...format, '--shared': GIT_PRIVATE }
    await localGit(git, 'create the cache', () => git.simple(directory).init(true, options))
    await fill(directory)
    const temporary = join(cacheDir, `${CURRENT}.new`)
    await writeFile(temporary, `${number}.git\n${identityText(identity)}`, { mode: PRIVATE_FILE })
    await rename(temporary, join(cacheDir, CURRENT))
  } catch (error) {
    await remove(directory)
    throw error
  }
  for (const other of await generations(cacheDir))
    if (other !== number) await remove(join(cacheDir, `${other}.git`))
  return directory
}

/**
 * Runs `work`, which writes into the generation. After a normal failure (git ended, or was killed with its
 * helpers), cleans up and keeps the generation. If this process is killed, the mark stays.
 */
export async function whileUnsafe<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const mark = join(directory, UNSAFE)
  await writeFile(mark, '', { mode: PRIVATE_FILE })
  let result: T
  try {
    result = await work()
  } catch (error) {
    await sweep(directory)
    await rm(mark, { force: true })
    throw error
  }
  await rm(mark, { force: true })
  return result
}

/** Marks the generation as damaged, so that the next opening creates a new one. */
export async function distrust(directory: string): Promise<void> {
  await writeFile(join(directory, UNSAFE), '', { mode: PRIVATE_FILE })
}

/** Runs simple-git on the cache and converts its errors. */
export async function localGit<T>(git: GitCommand, doing: string, work: () => PromiseLike<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const errors = error instanceof Error ? error.message : String(error)
    throw errors.includes('ENOENT') ? gitMissing(error) : git.failure('local', doing, { code: null, errors })
  }
}

/** Removes the files of a stopped `git fetch`. It writes no refs here (fetch.ts). */
async function sweep(directory: string): Promise<void> {
  const packs = join(directory, 'objects', 'pack')
  const leftovers = (await names(packs)).filter((name) => /^\.?tmp|\.keep$/.test(name))
  const paths = [...leftovers.map((name) => join(packs, name)), join(directory, 'shallow.lock')]
  for (const path of paths) await rm(path, { force: true })
}

async function generations(cacheDir: string): Promise<number[]> {
  return (await names(cacheDir))
    .filter((name) => /^\d+\.git$/.test(name))
    .map((name) => Number.parseInt(name, 10))
}

/** Best effort: a helper of a killed run may still write. The next opening retries. */
async function remove(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
}

function identityText({ url, objectFormat }: CacheIdentity): string {
  return `${objectFormat}\n${url}\n`
}

async function names(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => [])
}
