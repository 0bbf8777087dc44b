import type { CliRuntime } from '../cli-runtime.ts'
import { loadConfig } from '../connection.ts'
import { UsageError } from '../context.ts'
import { CommandError } from '../failure.ts'
import type { CommonOptions } from '../options.ts'
import type { PlatformNames } from '../platform-store.ts'

/** A registry that can be backed up and restored: a file, or a table with its bucket. */
export type Place = { readonly file: string } | { readonly platform: PlatformNames }

export interface PlaceOptions extends CommonOptions {
  readonly table?: string
  readonly bucket?: string
}

/** The arguments of `Command.option`. */
export const TABLE = ['--table <name>', 'DynamoDB table of a registry on AWS'] as const
export const BUCKET = ['--bucket <name>', 'S3 bucket of its content'] as const

/** The registry of `--table` and `--bucket`, else the configured file. Throws if it is elsewhere. */
export async function placeOf(options: PlaceOptions, runtime: CliRuntime): Promise<Place> {
  const { table, bucket } = options
  if (table !== undefined && bucket !== undefined) return { platform: { table, bucket } }
  if (table !== undefined || bucket !== undefined)
    throw new UsageError('A registry on AWS needs both --table and --bucket.')
  const { registry } = await loadConfig(options, runtime)
  if ('file' in registry && options.registry === undefined) return { file: registry.file }
  throw new CommandError(
    'not_a_file',
    'A registry behind a URL cannot be backed up or restored. On its machine, run this with its configuration. For AWS, add --table and --bucket.',
  )
}

/** The place in messages. */
export function nameOf(place: Place): string {
  return 'file' in place ? place.file : `the table ${place.platform.table}`
}
