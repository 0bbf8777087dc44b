import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The new content of a path: text or bytes, a link, an executable, or `null` to delete it. */
export type FileChange =
  | string
  | Uint8Array
  | { readonly symlink: string }
  | { readonly executable: string }
  | null

export interface TagOptions {
  /** Creates a tag object with this message instead of a lightweight tag. */
  readonly annotated?: boolean
  /** The tagged object. Default: the tip of the current branch. */
  readonly at?: string
  /** Moves an existing tag. */
  readonly force?: boolean
}

/**
 * A real repository with a working tree. Author and dates are fixed, so the same calls produce the same object
 * names on every machine. Ignores the git configuration of user and system.
 */
export interface TestRepository {
  readonly path: string
  /** Commits the changes on the current branch and returns the new commit. May be empty. */
  commit(changes: Readonly<Record<string, FileChange>>, message?: string): Promise<string>
  tag(name: string, options?: TagOptions): Promise<void>
  deleteTag(name: string): Promise<void>
  /** Simulates a force-push: resets the current branch and the working tree to `commit`. */
  moveBranch(commit: string): Promise<void>
  /** Renames the current branch, which is the default one. */
  renameBranch(name: string): Promise<void>
  /** Runs git in the repository. Returns its output without the last line break. Throws if it fails. */
  git(...args: readonly string[]): Promise<string>
  /** Runs git with input on stdin, such as thousands of refs for `update-ref --stdin`. */
  gitWith(input: string | Uint8Array, ...args: readonly string[]): Promise<string>
}

export async function createRepository(path: string, branch = 'main'): Promise<TestRepository> {
  await initialize(path, branch)
  // One minute per commit, so that dates show the order of commits.
  let minutes = 0
  const git = (...args: readonly string[]) => runGit(path, args, { minutes })

  return {
    path,
    git,
    gitWith: (input, ...args) => runGit(path, args, { minutes, input }),
    async commit(changes, message = 'change') {
      minutes++
      for (const [file, change] of Object.entries(changes)) await applyChange(join(path, file), change)
      await git('add', '--all', '--force')
      await git('commit', '--quiet', '--allow-empty', '--no-verify', '-m', message)
      return await readHead(path)
    },
    async tag(name, { annotated = false, at = 'HEAD', force = false } = {}) {
      minutes++
      const kind = annotated ? ['-a', '-m', `release ${name}`] : []
      await git('tag', ...kind, ...(force ? ['--force'] : []), name, at)
    },
    async deleteTag(name) {
      await git('tag', '-d', name)
    },
    async moveBranch(commit) {
      await git('reset', '--hard', '--quiet', commit)
    },
    async renameBranch(name) {
      await git('branch', '-m', name)
    },
  }
}

/** Creates what `git init` creates, without its two processes. Leaves an existing repository as it is. */
async function initialize(path: string, branch: string): Promise<void> {
  const folder = join(path, '.git')
  if (existsSync(folder)) return
  for (const name of ['objects', 'refs']) await mkdir(join(folder, name), { recursive: true })
  // Small repositories need no maintenance. It would start a process at each commit and run in the background of tests.
  const config =
    '[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tlogallrefupdates = true\n' +
    '[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n'
  await writeFile(join(folder, 'config'), config)
  await writeFile(join(folder, 'HEAD'), `ref: refs/heads/${branch}\n`)
}

/** Reads the commit that was just made. Its branch is a file because no `git pack-refs` came after it. */
async function readHead(path: string): Promise<string> {
  const read = async (name: string) => (await readFile(join(path, '.git', name), 'utf8')).trim()
  const head = await read('HEAD')
  return head.startsWith('ref: ') ? await read(head.slice('ref: '.length)) : head
}

/** Runs git in any directory under the same isolated configuration. */
export async function runGit(
  cwd: string,
  args: readonly string[],
  { minutes = 0, input = '' }: { readonly minutes?: number; readonly input?: string | Uint8Array } = {},
): Promise<string> {
  const options = { cwd, env: isolatedGitEnvironment(minutes), maxBuffer: 1 << 28 }
  const running = run('git', [...args], options)
  // A git that does not read its input may exit before it is written.
  running.child.stdin?.on('error', () => {}).end(input)
  const { stdout } = await running
  return stdout.replace(/\n$/, '')
}

export function isolatedGitEnvironment(minutes = 0): Record<string, string> {
  const date = new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString()
  return {
    PATH: process.env.PATH ?? '',
    LANG: 'C',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada Author',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: 'Cleo Committer',
    GIT_COMMITTER_EMAIL: 'cleo@example.com',
    GIT_COMMITTER_DATE: date,
  }
}

async function applyChange(path: string, change: FileChange): Promise<void> {
  // A file may become a link or a directory; writing through the old one would miss that.
  await rm(path, { recursive: true, force: true })
  if (change === null) return
  await mkdir(dirname(path), { recursive: true })
  if (typeof change === 'string' || change instanceof Uint8Array) await writeFile(path, change)
  else if ('symlink' in change) await symlink(change.symlink, path)
  else {
    await writeFile(path, change.executable)
    await chmod(path, 0o755)
  }
}
