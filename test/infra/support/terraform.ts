import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { type SharedProvider, startProvider } from './provider.ts'

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

export const MODULES = [
  'infra/modules/prompt_registry',
  'infra/modules/prompt_controller',
  'infra/modules/prompt_data',
]

/** The folders that configure the provider. */
const PROVIDED = ['examples/platform', 'test/infra/wiring']

/**
 * The emulator is never busy, so an error that stays is a limit of it. With the provider's default of 25 retries a test
 * times out before the error is shown, and AWS_MAX_ATTEMPTS does not change that default.
 */
const FEW_RETRIES = 'provider "aws" {\n  max_retries = 5\n}\n'

/** How a run of terraform ended. */
export interface Outcome {
  readonly code: number
  /** Both streams, as they came. */
  readonly output: string
}

/** A copy of our Terraform that a test may apply: nothing that terraform leaves behind reaches the working tree. */
export interface Workspace {
  /** The same path as in the repository. */
  path(folder: string): string
  /** Runs terraform in a folder of the repository's copy, whatever comes of it. */
  run(folder: string, ...args: readonly string[]): Promise<Outcome>
  /** The same, and gives what it printed on stdout. Throws with everything that it printed where it failed. */
  terraform(folder: string, ...args: readonly string[]): Promise<string>
  /** Runs shell commands in a folder of the copy, as somebody types them. Throws with everything that they printed. */
  shell(folder: string, commands: string): Promise<string>
  /** Environment variables that later runs have, too. */
  set(variables: Environment): void
  /**
   * Later runs share one process of the provider that `terraform init` installed in this folder. It finds AWS by these
   * variables. Default: those of the workspace.
   */
  shareProvider(folder: string, variables?: Environment): Promise<void>
  /** Ends what was started here, and removes the copy. */
  remove(): Promise<void>
}

/** What terraform has on top of the variables that every program needs. */
export type Environment = Readonly<Record<string, string>>

/** Why tests with terraform cannot run here; `undefined` where they can. Throws where everything is required. */
export async function terraformMissing(): Promise<string | undefined> {
  const { code } = await execute('terraform', ['version'], tmpdir(), programEnvironment())
  if (code === 0) return undefined
  const reason = 'terraform is not on the PATH'
  if (process.env.REQUIRE_ALL === '1') throw new Error(`REQUIRE_ALL is set, but ${reason}.`)
  return reason
}

/** Terraform reads the 10 MB of the provider's schema in each run; to collect garbage less often saves a quarter. */
const SHORT_LIVED = { GOGC: '400' }

export async function openWorkspace(environment: Environment = {}): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), 'terraform-'))
  await copyTerraform(root)
  for (const folder of PROVIDED) await writeFile(join(root, folder, 'retries_override.tf'), FEW_RETRIES)
  const configuration = join(root, 'cli.tfrc')
  const plugins = join(root, 'plugins')
  await mkdir(plugins)
  await writeFile(configuration, installation(pluginMirror()))
  const env: Record<string, string> = {
    ...programEnvironment(),
    TF_CLI_CONFIG_FILE: configuration,
    TF_PLUGIN_CACHE_DIR: plugins,
    TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: '1',
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
    ...environment,
  }
  let provider: SharedProvider | undefined
  const started = async (program: string, args: readonly string[], folder: string) =>
    await execute(program, args, join(root, folder), { ...env, ...SHORT_LIVED, ...provider?.environment })
  const run = (folder: string, ...args: readonly string[]) => started('terraform', args, folder)
  return {
    path: (folder) => join(root, folder),
    run,
    async terraform(folder, ...args) {
      const { code, output, stdout } = await run(folder, ...args)
      if (code === 0) return stdout
      throw new Error(`terraform ${args.join(' ')} in ${folder} ended with ${code}:\n${output}`)
    },
    async shell(folder, commands) {
      const { code, output } = await started('bash', ['-euo', 'pipefail', '-c', commands], folder)
      if (code === 0) return stripVTControlCharacters(output)
      throw new Error(`${commands}\nin ${folder} ended with ${code}:\n${output}`)
    },
    set: (variables) => void Object.assign(env, variables),
    async shareProvider(folder, variables = env) {
      // Its socket goes with the copy.
      const own = { ...programEnvironment(), ...variables, TMPDIR: root }
      provider = await startProvider(join(root, folder), own)
    },
    async remove() {
      await provider?.stop()
      await rm(root, { recursive: true, force: true })
    },
  }
}

async function copyTerraform(root: string): Promise<void> {
  const filter = (path: string) => !/^(\.terraform.*|.*\.tfstate.*|.*\.tfvars)$/.test(basename(path))
  for (const folder of ['infra', ...PROVIDED])
    await cp(join(ROOT, folder), join(root, folder), { recursive: true, filter })
}

/** Terraform's own configuration file: a mirror where there is one, else the network. */
function installation(mirror: string | undefined): string {
  if (mirror === undefined) return ''
  return `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`
}

/** The folder above the one that is named as Terraform's registry, where a machine keeps providers. */
function pluginMirror(): string | undefined {
  const given = [process.env.TF_PLUGIN_DIR, process.env.TF_PLUGIN_MIRROR, process.env.TF_PLUGIN_CACHE_DIR]
  const usual = [join(homedir(), '.terraform.d'), '/usr/local/share', '/usr/share', '/opt']
  for (const folder of [...given, ...usual]) {
    const found = folder !== undefined && registryBelow(folder, 2)
    if (found) return dirname(found)
  }
  return undefined
}

function registryBelow(folder: string, depth: number): string | undefined {
  const here = join(folder, 'registry.terraform.io')
  if (existsSync(here)) return here
  if (depth === 0) return undefined
  for (const name of subfolders(folder)) {
    const found = registryBelow(join(folder, name), depth - 1)
    if (found !== undefined) return found
  }
  return undefined
}

function subfolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    )
  } catch {
    return []
  }
}

/** Nothing of the caller's AWS or Terraform configuration. */
function programEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR, HTTPS_PROXY, NO_PROXY } = process.env
  return {
    PATH,
    HOME,
    ...(TMPDIR !== undefined && { TMPDIR }),
    ...(HTTPS_PROXY !== undefined && { HTTPS_PROXY }),
    ...(NO_PROXY !== undefined && { NO_PROXY }),
  }
}

async function execute(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<Outcome & { readonly stdout: string }> {
  const { promise, resolve } = Promise.withResolvers<Outcome & { readonly stdout: string }>()
  execFile(program, args, { cwd, env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
    const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127
    resolve({ code, stdout, output: `${stdout}${stderr}${code === 127 ? (error?.message ?? '') : ''}` })
  })
  return await promise
}
