import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isolatedGitEnvironment } from '../git-repository.ts'
import { createObjectReader, type ObjectReader } from './objects.ts'
import type { HostedRepository } from './types.ts'

const run = promisify(execFile)

/** A repository on disk, bare or with a working tree, as endpoints read it. */
export function hostedRepository(owner: string, name: string, path: string): HostedRepository {
  const gitDir = existsSync(join(path, '.git')) ? join(path, '.git') : path
  const bytes = async (args: readonly string[]) => {
    const options = { env: isolatedGitEnvironment(), encoding: 'buffer', maxBuffer: 1 << 28 } as const
    return (await run('git', ['--git-dir', gitDir, ...args], options)).stdout
  }
  // Started on demand, because most repositories of a test need no objects.
  let reader: ObjectReader | undefined
  return {
    owner,
    name,
    shown: { statuses: [], checkRuns: [], pullRequests: [], comments: [] },
    objects: {
      read: (oid) => {
        reader ??= createObjectReader(gitDir)
        return reader.read(oid)
      },
      close: async () => reader?.close(),
    },
    git: async (...args) => (await bytes(args)).toString().replace(/\n$/, ''),
    gitBytes: (...args) => bytes(args),
  }
}
