import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { LeftOut } from '../../../api/store/copy.ts'
import { checkDatabase, copyDatabase, type RowCounts } from '../../../api/store/sqlite/backup.ts'
import { fillFile } from '../../../api/store/sqlite/copy-in.ts'
import { exists } from '../../values/exists.ts'
import { type BackupManifest, readArchive, writeArchive } from '../backup/archive.ts'
import { BUCKET, type Place, type PlaceOptions, placeOf, TABLE } from '../backup/place.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import { printJson, printLine, printNote } from '../output.ts'
import { packageVersion } from '../package-version.ts'

interface BackupOptions extends PlaceOptions {
  readonly dryRun?: boolean
}

const NOTES = `The archive has everything: versions, names, events, revocations, holds, sources with their ledgers and findings, and
the tombstones of deleted prompts. The registry stays in use meanwhile. The archive is unpacked and checked before
the command succeeds. The archive of a registry on AWS can be restored to a file, and the other way round.`

export function backupCommand({ runtime, exit }: CliContext): Command {
  return newCommand('backup', 'Write the whole registry to an archive', {
    group: 'run',
    examples: [
      'backup',
      'backup /var/backups/registry.tar.gz',
      'backup --table acme-prod-prompts --bucket acme-prod-prompts',
    ],
    notes: NOTES,
  })
    .argument('[archive]', 'Archive to create (default: registry-<date>.tar.gz)')
    .option(...TABLE)
    .option(...BUCKET)
    .option('--dry-run', 'Check the registry, and write nothing')
    .action(async (name: string | undefined, options: BackupOptions) => {
      const { cwd, now } = runtime
      const place = await placeOf(options, runtime)
      const createdAt = new Date(now()).toISOString()
      const archive = resolve(
        cwd,
        name ?? `registry-${createdAt.slice(0, 19).replaceAll(/[-:]/g, '')}Z.tar.gz`,
      )
      if (await exists(archive)) throw new UsageError(`${archive} already exists. Choose another name.`)
      const manifest = await backUp(place, archive, { createdAt, isDryRun: options.dryRun === true }, runtime)
      if (wantsJson(options)) printJson(runtime, { archive, ...manifest })
      else print(runtime, archive, manifest, options)
      if (manifest.left_out.length > 0) exit(1)
    })
}

/** The archive gets its name when it is complete and checked. */
async function backUp(
  place: Place,
  archive: string,
  { createdAt, isDryRun }: { readonly createdAt: string; readonly isDryRun: boolean },
  runtime: CliRuntime,
): Promise<BackupManifest> {
  const folder = isDryRun && 'file' in place ? dirname(place.file) : dirname(archive)
  const part = (kind: string) => join(folder, `.${basename(archive)}.${randomUUID()}.${kind}`)
  const [copy, unfinished, unpacked] = [part('db'), part('tar.gz'), part('check')]
  try {
    const leftOut = await copyRegistry(place, copy, runtime)
    const rows = checkDatabase(copy)
    const facts = { created_at: createdAt, version: packageVersion(), rows, left_out: [...leftOut] }
    const manifest = await writeArchive(unfinished, copy, facts)
    await readArchive(unfinished, unpacked)
    demandSame(rows, checkDatabase(unpacked))
    if (!isDryRun) await rename(unfinished, archive)
    return manifest
  } finally {
    for (const file of [copy, unfinished, unpacked]) await rm(file, { force: true })
  }
}

/** Returns the parts that the copy lacks. */
async function copyRegistry(place: Place, copy: string, runtime: CliRuntime): Promise<readonly LeftOut[]> {
  if ('file' in place) {
    copyDatabase(place.file, copy)
    return []
  }
  // No other registry needs the AWS SDK.
  const { openPlatformCopy } = await import('../platform-store.ts')
  return await fillFile(copy, openPlatformCopy(place.platform, runtime).reader())
}

function demandSame(wanted: RowCounts, found: RowCounts): void {
  const other = Object.keys(wanted).find((table) => wanted[table] !== found[table])
  if (other !== undefined)
    throw new Error(`The archive has ${found[other]} rows of ${other}, and the registry ${wanted[other]}.`)
}

function print(
  runtime: CliRuntime,
  archive: string,
  { rows, bytes, left_out: leftOut }: BackupManifest,
  options: BackupOptions,
): void {
  const { prompts, versions, events, sources } = rows
  const what = `${prompts} prompts, ${versions} versions, ${events} events, ${sources} sources (${Math.ceil(bytes / 1024)} KiB)`
  printLine(
    runtime,
    options.dryRun === true ? `Would back up ${what} to ${archive}.` : `Backed up ${what} to ${archive}.`,
  )
  for (const { subject, problem } of leftOut) printNote(runtime, `Left out: ${subject}: ${problem}`)
}
