import { join } from 'node:path'
import { createGitSource } from '../../../controller/source/git/index.ts'
import { createRepository, isolatedGitEnvironment } from '../git-repository.ts'
import type { HistoryRepository } from './history.ts'

/** A real git repository, read by the git adapter. Each reader has its own cache. */
export async function createRealRepository(folder: string): Promise<HistoryRepository> {
  const { path, git, gitWith } = await createRepository(join(folder, 'upstream'))
  let made = 0
  let readers = 0
  return {
    async commit(parent, files) {
      const ref = `refs/made/${++made}`
      await gitWith(importOf(ref, parent, files), 'fast-import', '--quiet')
      return await git('rev-parse', ref)
    },
    moveBranch: async (commit) => void (await git('update-ref', 'refs/heads/main', commit)),
    async setTag(name, commit, { annotated }) {
      await git('tag', '--force', ...(annotated ? ['-a', '-m', name] : []), name, commit)
    },
    deleteTag: async (name) => void (await git('tag', '-d', name)),
    newSource: () =>
      createGitSource({
        repository: path,
        cacheDir: join(folder, `cache-${++readers}`),
        env: isolatedGitEnvironment(),
      }),
  }
}

/** A commit with exactly these files. */
function importOf(ref: string, parent: string | null, files: ReadonlyMap<string, Uint8Array>): Buffer {
  const head = `commit ${ref}\ncommitter Cleo <cleo@example.com> 1770000000 +0000\ndata ${ref.length}\n${ref}\n`
  const parts = [Buffer.from(`${head}${parent === null ? '' : `from ${parent}\n`}deleteall\n`)]
  for (const [file, bytes] of files)
    parts.push(
      Buffer.from(`M 100644 inline "${file}"\ndata ${bytes.length}\n`),
      Buffer.from(bytes),
      Buffer.from('\n'),
    )
  return Buffer.concat(parts)
}
