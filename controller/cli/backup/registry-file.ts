import type { CliRuntime } from '../cli-runtime.ts'
import { loadConfig } from '../connection.ts'
import { CommandError } from '../failure.ts'
import type { CommonOptions } from '../options.ts'

/** The file of the configured registry. Throws `CommandError` if it is elsewhere. */
export async function registryFile(options: CommonOptions, runtime: CliRuntime): Promise<string> {
  const { registry } = await loadConfig(options, runtime)
  if ('file' in registry && options.registry === undefined) return registry.file
  throw new CommandError(
    'not_a_file',
    'Only a registry in a file can be backed up and restored. Run this on the machine of the registry, with its configuration. On AWS, use point-in-time recovery.',
  )
}
