import { realpath } from 'node:fs/promises'
import type { Config, SourceConfig } from '../configuration/config.ts'
import { SourceSchema } from '../configuration/source-schema.ts'
import { didYouMean } from '../values/nearest.ts'
import { UsageError } from './context.ts'

/** The settings to read a working tree with, and where they are from. */
export interface LintSource {
  readonly source: SourceConfig
  /** Completes "read …". */
  readonly origin: string
}

/**
 * The named source; otherwise the only source whose repository is this folder; otherwise the default settings. Throws
 * `UsageError` for an unknown name.
 */
export async function lintSource(
  config: Config,
  root: string,
  name: string | undefined,
): Promise<LintSource> {
  if (name !== undefined) {
    const source = config.sources.find((one) => one.name === name)
    if (source !== undefined) return { source, origin: `as the source "${name}"` }
    const known = config.sources.map((one) => one.name)
    const names = known.join(', ') || 'none'
    throw new UsageError(
      `Unknown source "${name}"; the configuration has ${names}.${didYouMean(name, known)}`,
    )
  }
  const real = await realpath(root)
  const here = await Promise.all(
    config.sources.map(async (source) => {
      return (await realpath(source.repository).catch(() => null)) === real ? [source] : []
    }),
  )
  const [source, ...others] = here.flat()
  if (source !== undefined && others.length === 0) return { source, origin: `as the source "${source.name}"` }
  if (others.length > 0)
    throw new UsageError('Several sources of the configuration read this folder; choose one with --source.')
  const plain = SourceSchema.parse({ name: 'lint', repository: root })
  return { source: plain, origin: 'with the default settings of a source' }
}
