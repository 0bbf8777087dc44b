import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Oid } from '../oid.ts'
import type { GitCommand } from './command.ts'
import type { CacheAccess } from './inspect.ts'
import { createLineReader } from './lines.ts'

/**
 * One ref for each listed commit, named after the commit. Every listed commit stays (even after its tag moved), a
 * deleted tag `v1` never collides with a new tag `v1/x`, and comparing names finds missing commits. A ref is
 * written only after its commit and history are fetched.
 */
const KEEP = 'refs/keep/'

/** A ref that is not packed is a file of its own. */
const MOST_LOOSE = 50

/** Whether refs are few enough to ask for each one, and to write each one alone. */
export function isFew(refs: number): boolean {
  return refs <= MOST_LOOSE
}

/** The refspec that fetches a commit and keeps it. */
export function keepSpec(oid: Oid): string {
  return `${oid}:${KEEP}${oid}`
}

/** The kept ones of these commits. */
export async function keptAmong(access: CacheAccess, commits: readonly Oid[]): Promise<readonly Oid[]> {
  if (!isFew(commits.length)) return await allKept(access)
  const found = await Promise.all(commits.map((oid) => access.reader.info(`${KEEP}${oid}`)))
  return commits.filter((_, index) => found[index] !== undefined)
}

async function allKept({ git, directory, signal }: CacheAccess): Promise<readonly Oid[]> {
  const kept: Oid[] = []
  const onOutput = createLineReader((name) => kept.push(name.slice(KEEP.length)))
  const list = ['--git-dir', directory, 'for-each-ref', '--format=%(refname)', KEEP]
  await git.run('local', 'read the cache', list, { signal, onOutput })
  return kept
}

// No signal from here on: this short local work is easier to finish than to repair.

/** Keeps commits that are fetched. */
export async function keepCommits(git: GitCommand, directory: string, oids: Iterable<Oid>): Promise<void> {
  const input = [...oids].map((oid) => `update ${KEEP}${oid} ${oid}\n`).join('')
  await git.run('local', 'note the commits', ['--git-dir', directory, 'update-ref', '--stdin'], { input })
}

/** Packs the refs if many are not. */
export async function packKept(git: GitCommand, directory: string): Promise<void> {
  const loose = await readdir(join(directory, KEEP))
  if (loose.length > MOST_LOOSE)
    await git.run('local', 'pack the refs', ['--git-dir', directory, 'pack-refs', '--all'])
}
