import { randomUUID } from 'node:crypto'
import { access, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { checkDatabase, copyDatabase, type RowCounts } from '../../../api/store/sqlite/backup.ts'
import { type BackupManifest, readArchive, writeArchive } from '../backup/archive.ts'
import { registryFile } from '../backup/registry-file.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { packageVersion } from '../package-version.ts'

interface BackupOptions extends CommonOptions {
  readonly dryRun?: boolean
}

const NOTES = `The archive has everything: versions, names, events, revocations, holds, sources with their ledgers and findings, and
the tombstones of deleted prompts. The registry stays in use meanwhile. The archive is unpacked and checked before
the command succeeds. Only for a registry in a file; on AWS, use point-in-time recovery.`

export function backupCommand({ runtime }: CliContext): Command {
  return newCommand('backup', 'Write the whole registry to an archive', {
    group: 'run',
    examples: ['backup', 'backup /var/backups/registry.tar.gz'],
    notes: NOTES,
  })
    .argument('[archive]', 'Archive to create (default: registry-<date>.tar.gz)')
    .option('--dry-run', 'Check the registry, and write nothing')
    .action(async (name: string | undefined, options: BackupOptions) => {
      const { cwd, now } = runtime
      const database = await registryFile(options, runtime)
      const createdAt = new Date(now()).toISOString()
      const archive = resolve(
        cwd,
        name ?? `registry-${createdAt.slice(0, 19).replaceAll(/[-:]/g, '')}Z.tar.gz`,
      )
      if (await exists(archive)) throw new UsageError(`${archive} already exists. Choose another name.`)
      const manifest = await backUp(database, archive, createdAt, options.dryRun === true)
      if (wantsJson(options)) printJson(runtime, { archive, ...manifest })
      else print(runtime, archive, manifest, options)
    })
}

/** The archive gets its name when it is complete and checked. */
async function backUp(
  database: string,
  archive: string,
  createdAt: string,
  isDryRun: boolean,
): Promise<BackupManifest> {
  const folder = isDryRun ? dirname(database) : dirname(archive)
  const part = (kind: string) => join(folder, `.${basename(archive)}.${randomUUID()}.${kind}`)
  const [copy, unfinished, unpacked] = [part('db'), part('tar.gz'), part('check')]
  try {
    const rows = copyDatabase(database, copy)
    const facts = { created_at: createdAt, version: packageVersion(), rows }
    const manifest = await writeArchive(unfinished, copy, facts)
    await readArchive(unfinished, unpacked)
    demandSame(rows, checkDatabase(unpacked))
    if (!isDryRun) await rename(unfinished, archive)
    return manifest
  } finally {
    for (const file of [copy, unfinished, unpacked]) await rm(file, { force: true })
  }
}

function demandSame(wanted: RowCounts, found: RowCounts): void {
  const other = Object.keys(wanted).find((table) => wanted[table] !== found[table])
  if (other !== undefined)
    throw new Error(`The archive has ${found[other]} rows of ${other}, and the registry ${wanted[other]}.`)
}

function print(
  runtime: CliRuntime,
  archive: string,
  { rows, bytes }: BackupManifest,
  options: BackupOptions,
): void {
  const { prompts, versions, events, sources } = rows
  const what = `${prompts} prompts, ${versions} versions, ${events} events, ${sources} sources (${Math.ceil(bytes / 1024)} KiB)`
  printLine(
    runtime,
    options.dryRun === true ? `Would back up ${what} to ${archive}.` : `Backed up ${what} to ${archive}.`,
  )
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
