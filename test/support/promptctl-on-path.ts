import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A folder with `promptctl` as a program, for `PATH`. */
export async function promptctlFolder(folder: string): Promise<string> {
  const path = join(folder, 'bin')
  await mkdir(path)
  const [node, program] = ['node_modules/.bin/node', 'bin/promptctl.js'].map((name) =>
    join(process.cwd(), name),
  )
  await writeFile(join(path, 'promptctl'), `#!/bin/sh\nexec "${node}" "${program}" "$@"\n`)
  await chmod(join(path, 'promptctl'), 0o755)
  return path
}
