import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { simpleGit } from 'simple-git'
import { exists } from '../values/exists.ts'
import type { CliRuntime } from './cli-runtime.ts'
import type { CommonOptions } from './options.ts'
import { printLine } from './output.ts'

const EXAMPLE = fileURLToPath(new URL('../../examples/domain-repo', import.meta.url))
const FOLDER = 'demo-prompts'
const CONFIG = `# The registry and its sources. "npx promptctl --help" lists the commands that use this file.
registry: { store: sqlite, file: .promptctl/registry.db }
sources:
  - name: demo
    repository: ./${FOLDER}
    branch: main
    schedule: 2s
`

/**
 * Creates an example repository with a release, and a configuration that watches it, unless a configuration exists.
 * Returns whether the configuration is the one of the example, so that its instructions apply.
 */
export async function makeDemo(options: CommonOptions, runtime: CliRuntime): Promise<boolean> {
  const config = join(runtime.cwd, 'promptctl.yaml')
  if (options.config !== undefined) return false
  if (await exists(config)) return (await readFile(config, 'utf8')) === CONFIG
  const folder = join(runtime.cwd, FOLDER)
  if (!(await exists(folder))) await makeRepository(folder)
  // Only its owner may change it, with any umask.
  await writeFile(config, CONFIG, { mode: 0o644 })
  printLine(
    runtime,
    `Created the repository ./${FOLDER} (release v1.0.0), and promptctl.yaml, which watches it.`,
  )
  return true
}

async function makeRepository(folder: string): Promise<void> {
  await cp(EXAMPLE, folder, { recursive: true })
  const git = simpleGit(folder)
  await git.init(['--initial-branch=main'])
  // Commits must work on a machine without a git user.
  await git.addConfig('user.name', 'Demo Author')
  await git.addConfig('user.email', 'demo@example.com')
  await git.add('README.md').commit('Describe this repository')
  await git.add('.').commit('Add the first prompts')
  await git.addTag('v1.0.0')
}

/** The next commands for a newcomer to paste. */
export function whatToTry(url: string): string {
  return `
Try this in a second terminal, in this folder:

  1. Resolve a prompt, as an agent in production would:
       curl ${url}/prompts/triage
  2. Change it in git. It becomes a draft, which mode dev resolves:
       echo "Answer in English." >> ${FOLDER}/prompts/triage.md
       git -C ${FOLDER} commit -am "triage: answer in English"
       curl "${url}/prompts/triage?mode=dev"      (the new text, a few seconds later)
       curl ${url}/prompts/triage                 (still the released one)
  3. Release it. A tag makes it stable:
       git -C ${FOLDER} tag v1.1.0
       curl ${url}/prompts/triage                 (the new text)
  4. Go back, and see who did what:
       npx promptctl rollback triage --reason "too chatty"
       npx promptctl events triage

Press Ctrl-C to stop. npm start continues from there.
`
}
