import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { BackupManifest } from '../backup/archive.ts'
import { BUCKET, nameOf, type PlaceOptions, placeOf, TABLE } from '../backup/place.ts'
import { type Restored, type RestoreOptions, restoreFile } from '../backup/restore-file.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import { printJson, printLine } from '../output.ts'

const NOTES = `Stop the registry first, or the controller of a registry on AWS. With --replace, a registry file that exists is kept under
another name beside the new one. A table must be empty; if the restore is interrupted, repeat it. The next pass of
each source adds what changed in git since the backup.`

export function restoreCommand({ runtime }: CliContext): Command {
  return newCommand('restore', 'Restore a registry from a backup', {
    group: 'run',
    examples: [
      'restore registry.tar.gz',
      'restore registry.tar.gz --replace',
      'restore registry.tar.gz --dry-run',
      'restore registry.tar.gz --table acme-prod-prompts --bucket acme-prod-prompts',
    ],
    notes: NOTES,
  })
    .argument('<archive>', 'Archive of promptctl backup')
    .option(...TABLE)
    .option(...BUCKET)
    .option('--replace', 'Replace a registry file that exists')
    .option('--dry-run', 'Check the archive, and change nothing')
    .option('--yes', 'Skip the confirmation')
    .action(async (name: string, options: RestoreOptions & PlaceOptions) => {
      const archive = resolve(runtime.cwd, name)
      if (!existsSync(archive)) throw new UsageError(`${archive} does not exist. Check its name.`)
      const place = await placeOf(options, runtime)
      const { manifest, kept } = await ('file' in place
        ? restoreFile(archive, place.file, options, runtime)
        : restoreTo(place.platform))
      const registry = nameOf(place)
      if (wantsJson(options)) printJson(runtime, { archive, registry, kept, ...manifest })
      else print(runtime, registry, kept, manifest, options)

      async function restoreTo(platform: { table: string; bucket: string }): Promise<Restored> {
        // No other registry needs the AWS SDK.
        const { restoreTable } = await import('../backup/restore-table.ts')
        return await restoreTable(archive, platform, options, runtime)
      }
    })
}

function print(
  runtime: CliRuntime,
  registry: string,
  kept: string | null,
  { created_at: createdAt, rows }: BackupManifest,
  { dryRun = false }: RestoreOptions,
): void {
  const what = `${rows.prompts} prompts and ${rows.events} events as of ${createdAt}`
  printLine(runtime, dryRun ? `The backup is intact: ${what}.` : `Restored ${what} to ${registry}.`)
  if (kept !== null) printLine(runtime, `The former registry is ${kept}.`)
  if (!dryRun) printLine(runtime, 'Next: "promptctl plan" shows what changed in git since then.')
}
