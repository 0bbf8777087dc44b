import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { createGitSource, type GitSourceOptions } from '../../../controller/source/git/index.ts'
import { type GitHttpServer, gitHttpMissing, startGitHttpServer } from '../../support/git-http-server.ts'
import {
  createRepository,
  isolatedGitEnvironment,
  type TestRepository,
} from '../../support/git-repository.ts'

export const LOGIN = { username: 'robot', password: 's3cr3t/+ü' }

/** A directory with one repository `repo` (partial clones allowed) and the options to read it. */
export interface World {
  readonly root: string
  readonly repository: TestRepository
  readonly cacheDir: string
  options(change?: Partial<GitSourceOptions>): GitSourceOptions
}

export async function withWorld(run: (world: World) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'git-adapter-'))
  try {
    const repository = await createRepository(join(root, 'repo'))
    await repository.git('config', 'uploadpack.allowFilter', 'true')
    const cacheDir = join(root, 'cache')
    const options = (change = {}) => ({
      repository: repository.path,
      cacheDir,
      env: isolatedGitEnvironment(),
      lockTimeoutMs: 10_000,
      ...change,
    })
    await run({ root, repository, cacheDir, options })
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 })
  }
}

export interface HttpWorld extends World {
  readonly server: GitHttpServer
}

/** The same behind HTTP with `LOGIN`; its options read it that way. Skips the test where that cannot be. */
export async function withHttpWorld(
  context: TestContext,
  run: (world: HttpWorld) => Promise<void>,
): Promise<void> {
  skipWithout(context, gitHttpMissing())
  await withWorld(async (world) => {
    const server = await startGitHttpServer({ root: world.root, login: LOGIN })
    try {
      const repository = `${server.url}/repo/.git`
      const options = (change = {}) => world.options({ repository, credentials: LOGIN, ...change })
      await run({ ...world, options, server })
    } finally {
      await server.close()
    }
  })
}

/** Skips with the reason, or fails where every part must be there. */
export function skipWithout(context: TestContext, reason: string | undefined): void {
  if (reason === undefined) return
  if (process.env.REQUIRE_ALL === '1') throw new Error(`REQUIRE_ALL is set, but ${reason}.`)
  context.skip(reason)
}

export const sourceOf = (options: GitSourceOptions) => createGitSource(options)

/** Another process that reads or holds the repository (read-repository.ts). */
export function otherProcess(what: 'read' | 'hold', options: GitSourceOptions): ChildProcess {
  const script = join(import.meta.dirname, 'read-repository.ts')
  const quiet = '--disable-warning=ExperimentalWarning'
  return spawn(process.execPath, [quiet, script, what, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

/** A history with a release for every `every`-th commit, in one go. Every other tag is annotated. */
export async function manyCommits(repository: TestRepository, commits: number, every: number): Promise<void> {
  const lines: string[] = []
  for (let index = 1; index <= commits; index++) {
    lines.push('commit refs/heads/main', `mark :${index}`)
    lines.push(`committer Cleo <cleo@example.com> ${1_770_000_000 + index * 60} +0000`, 'data 1', 'x')
    if (index > 1) lines.push(`from :${index - 1}`)
    lines.push(
      `M 100644 inline prompts/area-${index % 7}/p${index % 40}.txt`,
      'data <<END',
      `text ${index}`,
      'END',
    )
  }
  for (let index = every; index <= commits; index += every) {
    const name = `v1.${index}.0`
    if (index % 2) lines.push(`reset refs/tags/${name}`, `from :${index}`)
    else
      lines.push(
        `tag ${name}`,
        `from :${index}`,
        'tagger Cleo <cleo@example.com> 1770000000 +0000',
        'data 1',
        'x',
      )
  }
  await repository.gitWith(`${lines.join('\n')}\n`, 'fast-import', '--quiet')
}

/** What git says that the refs hold, in the words of `readEverything`. */
export async function truth(
  repository: Pick<TestRepository, 'git'>,
  refs: readonly string[],
): Promise<string[]> {
  const all: string[] = []
  for (const ref of refs) {
    const lines = (await repository.git('ls-tree', '-r', '-z', ref)).split('\0').filter((line) => line !== '')
    for (const line of lines) {
      const [, mode, oid, path] = /^(\d+) \w+ (\w+)\t(.*)$/s.exec(line) ?? []
      all.push(`${ref} ${mode} ${path} ${oid}`)
    }
  }
  return all
}

/** Every file below a directory, as text. */
export async function allFiles(directory: string): Promise<Map<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = new Map<string, string>()
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name)
    files.set(path, await readFile(path, 'latin1'))
  }
  return files
}

/** Arguments of all processes of this machine in which `text` occurs; ended ones have none. Linux only. */
export async function processesWith(text: string): Promise<string[]> {
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const args = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (args.includes(text) && pid !== String(process.pid)) found.push(args.replaceAll('\0', ' '))
  }
  return found
}
