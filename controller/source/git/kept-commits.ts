import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Oid } from '../oid.ts'
import type { GitCommand } from './command.ts'

/**
 * One ref for each listed commit, named after the commit. Every listed commit stays (even after its tag moved), a
 * deleted tag `v1` never collides with a new tag `v1/x`, and comparing names finds missing commits. A ref is
 * written only after its commit and history are fetched.
 */
const KEEP = 'refs/keep/'

/** A ref that is not packed is a file of its own. */
const MOST_LOOSE = 50

/** Whether refs are few enough for a fetch to write each one. */
export function isFew(refs: number): boolean {
  return refs <= MOST_LOOSE
}

/** The refspec that fetches a commit and keeps it. */
export function keepSpec(oid: Oid): string {
  return `${oid}:${KEEP}${oid}`
}

/**
 * The kept commits. Reads git's files, which it documents, because a process would take longer than the rest of an
 * opening. The commit of a ref can be missing in a damaged cache.
 */
export async function keptCommits(directory: string): Promise<readonly Oid[]> {
  const loose = await orIfAbsent(readdir(join(directory, KEEP)), [])
  const packed = await orIfAbsent(readFile(join(directory, 'packed-refs'), 'latin1'), '')
  const inPack = packed.matchAll(/^[0-9a-f]+ refs\/keep\/([0-9a-f]+)$/gm)
  return [...loose, ...[...inPack].map(([, oid = '']) => oid)]
}

async function orIfAbsent<T>(reading: Promise<T>, absent: T): Promise<T> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return absent
    throw error
  })
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
