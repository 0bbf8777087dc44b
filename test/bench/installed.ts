import { cp, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleCli } from '../../scripts/bundle-cli.ts'

export interface InstalledPromptctl {
  readonly root: string
  /** The file that Node runs. */
  readonly bin: string
  /** With a cache of compiled code of its own. */
  readonly env: NodeJS.ProcessEnv
}

/** Builds promptctl into a new folder below `folder`, as it is installed. */
export async function installPromptctl(folder: string): Promise<InstalledPromptctl> {
  const root = await mkdtemp(join(folder, 'promptctl-'))
  await cp('bin', join(root, 'bin'), { recursive: true })
  await cp('package.json', join(root, 'package.json'))
  await bundleCli(join(root, 'dist/bundle/cli'))
  return {
    root,
    bin: join(root, 'bin/promptctl.js'),
    env: { ...process.env, XDG_CACHE_HOME: join(root, 'cache') },
  }
}
