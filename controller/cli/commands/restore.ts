import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { checkDatabase, moveDatabase, placeDatabase } from '../../../api/store/sqlite/backup.ts'
import { makePrivateFolder } from '../../../api/store/sqlite/private-files.ts'
import { type BackupManifest, readArchive } from '../backup/archive.ts'
import { registryFile } from '../backup/registry-file.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { confirm } from '../confirm.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import { CommandError } from '../failure.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'

interface RestoreOptions extends CommonOptions {
  readonly replace?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

const NOTES = `Stop the registry first. With --replace, a registry that exists is kept under another name beside the new one. The
next pass of each source adds what changed in git since the backup.`

export function restoreCommand({ runtime }: CliContext): Command {
  return newCommand('restore', 'Restore a registry from a backup', {
    group: 'run',
    examples: [
      'restore registry.tar.gz',
      'restore registry.tar.gz --replace',
      'restore registry.tar.gz --dry-run',
    ],
    notes: NOTES,
  })
    .argument('<archive>', 'Archive of promptctl backup')
    .option('--replace', 'Replace a registry that exists')
    .option('--dry-run', 'Check the archive, and change nothing')
    .option('--yes', 'Skip the confirmation')
    .action(async (name: string, options: RestoreOptions) => {
      const archive = resolve(runtime.cwd, name)
      if (!existsSync(archive)) throw new UsageError(`${archive} does not exist. Check its name.`)
      const file = await registryFile(options, runtime)
      const { manifest, kept } = await restore(archive, file, options, runtime)
      if (wantsJson(options)) printJson(runtime, { archive, registry: file, kept, ...manifest })
      else print(runtime, file, kept, manifest, options)
    })
}

async function restore(
  archive: string,
  file: string,
  options: RestoreOptions,
  runtime: CliRuntime,
): Promise<{ readonly manifest: BackupManifest; readonly kept: string | null }> {
  const isThere = existsSync(file)
  if (isThere && options.replace !== true && options.dryRun !== true)
    throw new CommandError(
      'registry_exists',
      `${file} already exists. Add --replace to keep it under another name.`,
    )
  makePrivateFolder(dirname(file))
  const copy = `${file}.restore-${randomUUID()}`
  try {
    const manifest = await readArchive(archive, copy)
    checkDatabase(copy)
    if (options.dryRun === true) return { manifest, kept: null }
    if (!isThere) {
      placeDatabase(copy, file)
      return { manifest, kept: null }
    }
    await confirm(
      runtime,
      `This replaces the registry ${file} by the one of ${manifest.created_at}.`,
      options,
    )
    const kept = `${file}.before-restore-${new Date(runtime.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
    moveDatabase(file, kept)
    placeDatabase(copy, file)
    return { manifest, kept }
  } finally {
    for (const rest of ['', '-wal', '-shm']) await rm(`${copy}${rest}`, { force: true })
  }
}

function print(
  runtime: CliRuntime,
  file: string,
  kept: string | null,
  { created_at: createdAt, rows }: BackupManifest,
  { dryRun = false }: RestoreOptions,
): void {
  const what = `${rows.prompts} prompts and ${rows.events} events as of ${createdAt}`
  printLine(runtime, dryRun ? `The backup is intact: ${what}.` : `Restored ${what} to ${file}.`)
  if (kept !== null) printLine(runtime, `The former registry is ${kept}.`)
  if (!dryRun) printLine(runtime, 'Next: "promptctl plan" shows what changed in git since then.')
}
