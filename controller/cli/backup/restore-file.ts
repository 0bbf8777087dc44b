import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { checkDatabase, moveDatabase, placeDatabase } from '../../../api/store/sqlite/backup.ts'
import { makePrivateFolder } from '../../../api/store/sqlite/private-files.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { confirm } from '../confirm.ts'
import { CommandError } from '../failure.ts'
import { type BackupManifest, readArchive } from './archive.ts'

export interface RestoreOptions {
  readonly replace?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

export interface Restored {
  readonly manifest: BackupManifest
  /** The file of the replaced registry. */
  readonly kept: string | null
}

/** Restores an archive to a file. Throws `CommandError` if there is a registry that must not be replaced. */
export async function restoreFile(
  archive: string,
  file: string,
  options: RestoreOptions,
  runtime: CliRuntime,
): Promise<Restored> {
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
