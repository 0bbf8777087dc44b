import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../../configuration/config.ts'
import { repositoryHost } from '../../source/repository-address.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { connect, loadConfig } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import { failed, type InstallationCheck, ok } from '../doctor/check.ts'
import { configFileCheck, databaseFileCheck, folderCheck } from '../doctor/file-checks.ts'
import { clockCheck, gitCheck, nodeCheck } from '../doctor/machine-checks.ts'
import { receiverChecks } from '../doctor/receiver-checks.ts'
import { sourceCheck, webhookCheck } from '../doctor/source-checks.ts'
import { CommandError } from '../failure.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'

const NOTES = `Changes nothing. It reads the configuration, connects to the registry, and lists the refs of each repository.

Exit codes: 0 if everything works; 1 if something fails. Warnings do not count.`

export function doctorCommand({ runtime, exit }: CliContext): Command {
  return newCommand('doctor', 'Find out what does not work, and how to correct it', {
    group: 'run',
    examples: ['doctor', 'doctor --config /etc/promptctl.yaml'],
    notes: NOTES,
  }).action(async (options: CommonOptions) => {
    const checks = await examine(options, runtime)
    if (wantsJson(options)) printJson(runtime, { checks })
    else for (const line of linesOf(checks)) printLine(runtime, line)
    if (checks.some(({ status }) => status === 'fail')) exit(1)
  })
}

async function examine(options: CommonOptions, runtime: CliRuntime): Promise<InstallationCheck[]> {
  const file = resolve(runtime.cwd, options.config ?? 'promptctl.yaml')
  const machine = [nodeCheck(process.version), await gitCheck(runtime)]
  let config: Config
  try {
    config = await loadConfig(options, runtime)
  } catch (error) {
    return [...machine, failed('configuration', error)]
  }
  const { registry, cache, sources } = config
  const files =
    'file' in registry && options.registry === undefined ? [await databaseFileCheck(registry.file)] : []
  const repositories = await Promise.all(sources.map((source) => sourceCheck(source, cache, runtime)))
  return [
    ...machine,
    await clockCheck(serverOf(options, config, runtime), runtime),
    await configFileCheck(file),
    await folderCheck('cache', cache, cache),
    ...files,
    await registryCheck(options, runtime),
    ...repositories,
    ...sources.flatMap((source) => webhookCheck(source, runtime)),
    ...receiverChecks(config, runtime),
  ]
}

/** A server whose clock is worth comparing with. */
function serverOf(options: CommonOptions, { registry, sources }: Config, { env }: CliRuntime): string | null {
  const url = options.registry ?? (env.PROMPT_REGISTRY_URL || undefined)
  if (url !== undefined) return url
  if ('url' in registry) return registry.url
  const remote = sources.find(({ repository }) => /^https?:/.test(repository))
  const host = remote && repositoryHost(remote.repository)
  return remote === undefined || host === undefined ? null : new URL(remote.repository).origin
}

/** Reads one row, which needs the token. */
async function registryCheck(options: CommonOptions, runtime: CliRuntime): Promise<InstallationCheck> {
  try {
    const { signal } = runtime
    const connection = await connect(options, runtime, { missing: 'refuse', signal })
    try {
      await connection.api.list({ limit: 1 })
      return ok('registry', `${connection.where} answers`)
    } finally {
      connection.close()
    }
  } catch (error) {
    if (error instanceof CommandError && error.code === 'no_registry')
      return ok('registry', 'no file yet; promptctl serve or promptctl sync creates it')
    return failed('registry', error)
  }
}

function linesOf(checks: readonly InstallationCheck[]): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length))
  const lines = checks.flatMap(({ name, status, message, fix }) => {
    const line = `${status.padEnd(4)}  ${name.padEnd(width)}  ${message}`
    return fix === null ? [line] : [line, `${' '.repeat(8 + width)}${fix}`]
  })
  const count = (status: InstallationCheck['status']) => checks.filter((one) => one.status === status).length
  const [bad, doubtful] = [count('fail'), count('warn')]
  const verdict = bad + doubtful === 0 ? 'Everything works.' : `${bad} failed, ${doubtful} to look at.`
  return [...lines, verdict]
}
