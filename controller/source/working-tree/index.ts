import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstat, open, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Environment } from '../../../api/contract/index.ts'
import type { GitSnapshot, TreeEntry, TreeScope } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import { tooManyFiles } from '../tree-walk.ts'

/** The files of a folder on disk, read like a commit that has them all. */
export interface WorkingTree {
  /** The top folder of the repository; without git, the given folder. */
  readonly root: string
  readonly snapshot: Pick<GitSnapshot, 'tree' | 'blobs'>
}

const LARGEST_LISTING = 256 * 1024 * 1024
const ENVIRONMENT = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_NOSYSTEM'] as const
const run = promisify(execFile)

/**
 * Opens the repository around a folder: tracked files and new ones, without those that git ignores. A folder outside
 * of git has all its files. Throws if the folder does not exist.
 */
export async function openWorkingTree(folder: string, env: Environment): Promise<WorkingTree> {
  if (!(await lstat(folder)).isDirectory()) throw new Error(`${folder} is not a directory`)
  // Hooks set GIT_DIR and GIT_INDEX_FILE, which would point git at another repository.
  const gitEnv = Object.fromEntries(ENVIRONMENT.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))
  const git = async (...args: string[]) => {
    const options = { cwd: folder, env: gitEnv, maxBuffer: LARGEST_LISTING }
    return (await run('git', args, options)).stdout
  }
  const top = await git('rev-parse', '--show-toplevel').catch(() => null)
  const root = top === null ? folder : top.replace(/\n$/, '')
  const list = async () => {
    if (top === null) return await filesBelow(root)
    const listed = await git('-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard')
    return [...new Set(listed.split('\0'))].filter((path) => path !== '')
  }
  return { root, snapshot: snapshotOf(root, list) }
}

function snapshotOf(root: string, list: () => Promise<string[]>): WorkingTree['snapshot'] {
  const paths = new Map<Oid, string>()
  return {
    async tree(_commit, scope) {
      const wanted = (await list()).filter((path) => isWithin(path, scope))
      if (wanted.length > scope.maxFiles) throw tooManyFiles(scope)
      const found = await Promise.all(wanted.map((path) => entryOf(root, path)))
      const entries = found.filter((entry) => entry !== null).sort((a, b) => (a.path < b.path ? -1 : 1))
      for (const { path, oid } of entries) paths.set(oid, path)
      return entries
    },
    async *blobs(oids, maxBytes) {
      for (const oid of oids) {
        const path = paths.get(oid)
        if (path !== undefined) yield { oid, ...(await readUpTo(join(root, path), maxBytes)) }
      }
    },
  }
}

function isWithin(path: string, { directories, files }: TreeScope): boolean {
  if (files.includes(path)) return true
  const isAbove = (other: string) => path.startsWith(`${other}/`) || other.startsWith(`${path}/`)
  return directories.some((directory) => directory === '' || path === directory || isAbove(directory))
}

/** `null` for a deleted file. The name of a file stands for its content, which need not be read for it. */
async function entryOf(root: string, path: string): Promise<TreeEntry | null> {
  const stats = await lstat(join(root, path)).catch(() => null)
  if (stats === null) return null
  const oid = createHash('sha1').update(path).digest('hex')
  if (stats.isSymbolicLink()) return { path, oid, mode: '120000' }
  // Git lists a directory only for a submodule, or for another repository inside this one.
  if (stats.isDirectory()) return { path: path.replace(/\/$/, ''), oid, mode: '160000' }
  return { path, oid, mode: (stats.mode & 0o100) === 0 ? '100644' : '100755' }
}

async function readUpTo(
  file: string,
  maxBytes: number,
): Promise<{ readonly bytes: Uint8Array } | { readonly tooLarge: number }> {
  if ((await lstat(file)).isSymbolicLink()) return { bytes: Buffer.from(await readlink(file)) }
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    return size > maxBytes ? { tooLarge: size } : { bytes: await handle.readFile() }
  } finally {
    await handle.close()
  }
}

async function filesBelow(root: string): Promise<string[]> {
  const found = await readdir(root, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
}
