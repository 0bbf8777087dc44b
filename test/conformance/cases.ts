import { globSync, readFileSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConformanceCase } from './case.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))

/** Every case, by the name of its file. */
export const CASES: Readonly<Record<string, readonly ConformanceCase[]>> = Object.fromEntries(
  globSync('*.json', { cwd: HERE })
    .sort()
    .map((file) => [basename(file, '.json'), JSON.parse(readFileSync(join(HERE, file), 'utf8'))]),
)

/** Makes the local folder of a case. */
export async function writeLocal(folder: string, local: ConformanceCase['local'] = {}): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [path, content] of Object.entries(local)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    if (typeof content === 'string') await writeFile(join(folder, path), content)
    else {
      await writeFile(join(folder, content.link), 'Outside.')
      await symlink(content.link, join(folder, path))
    }
  }
}
