import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GitCommand } from './command.ts'
import { CacheDamage, gitMissing } from './errors.ts'

/**
 * The directory of one source:
 *
 *     lock.db    the lock (lock.ts)
 *     current    which generation is in use, and of what repository
 *     <n>.git    a bare repository; other numbers are leftovers
 *
 * Everything here is called under the lock.
 *
 * A generation in which a run was killed is never used again: git leaves lock files, half packs and helpers
 * that go on writing, and a new directory under a new number is right whatever they do. It costs one full
 * fetch of commits and trees. `UNSAFE` inside a generation says that work is under way in it; who finds it
 * there under the lock knows that the one who wrote it is dead.
 */
const UNSAFE = 'unfinished'
const CURRENT = 'current'

export interface CacheIdentity {
  readonly url: string
  readonly objectFormat: 'sha1' | 'sha256'
}

/** The generation in use, or undefined when there is none that can be trusted for this repository. */
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
 * Makes a new generation, lets `fill` fetch into it, and only then puts it in use: while the remote cannot be
 * read, an older generation stays as it was.
 */
export async function newGeneration(
  git: GitCommand,
  cacheDir: string,
  identity: CacheIdentity,
  fill: (directory: string) => Promise<void>,
): Promise<string> {
  // Above every number seen, so that a helper of a killed run, still writing, never meets a new directory.
  const number = 1 + Math.max(0, ...(await generations(cacheDir)))
  const directory = join(cacheDir, `${number}.git`)
  try {
    await mkdir(directory)
    const format = identity.objectFormat === 'sha1' ? {} : { '--object-format': identity.objectFormat }
    await localGit('create the cache', () => git.simple(directory).init(true, format))
    await fill(directory)
    const temporary = join(cacheDir, `${CURRENT}.new`)
    await writeFile(temporary, `${number}.git\n${identityText(identity)}`)
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
 * Runs `work`, which writes into the generation. When it fails in good order (git ended, or was ended by us
 * with its helpers) what it left is swept away and the generation stays; when this process is killed
 * meanwhile, the mark stays.
 */
export async function whileUnsafe<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const mark = join(directory, UNSAFE)
  await writeFile(mark, '')
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

/** Says that the generation is damaged, so that the next opening makes a new one. */
export async function distrust(directory: string): Promise<void> {
  await writeFile(join(directory, UNSAFE), '')
}

/** simple-git, with its errors as ours. For commands that touch nothing but the cache. */
export async function localGit<T>(doing: string, work: () => PromiseLike<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const missing = error instanceof Error && error.message.includes('ENOENT')
    if (missing) throw gitMissing(error)
    throw new CacheDamage(`Git could not ${doing}: see the cause.`, error)
  }
}

/** What a stopped `git fetch` leaves. It writes no refs here (fetch.ts), so this is all. */
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

/** Best effort: a helper of a killed run may still be writing, and the next opening tries again. */
async function remove(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
}

function identityText({ url, objectFormat }: CacheIdentity): string {
  return `${objectFormat}\n${url}\n`
}

async function names(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => [])
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
