import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkDatabase } from '../../../api/store/sqlite/backup.ts'
import { openFileReader } from '../../../api/store/sqlite/copy-out.ts'
import { openDatabase } from '../../../api/store/sqlite/database.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { CommandError } from '../failure.ts'
import { openPlatformCopy, type PlatformNames } from '../platform-store.ts'
import { readArchive } from './archive.ts'
import type { Restored, RestoreOptions } from './restore-file.ts'

/** Restores an archive to an empty table. Throws `CommandError` if the table has anything. */
export async function restoreTable(
  archive: string,
  platform: PlatformNames,
  { dryRun = false }: RestoreOptions,
  runtime: CliRuntime,
): Promise<Restored> {
  const folder = await mkdtemp(join(tmpdir(), 'promptctl-restore-'))
  try {
    const file = join(folder, 'registry.db')
    const manifest = await readArchive(archive, file)
    checkDatabase(file)
    // Brings an older schema up to date.
    openDatabase(file).close()
    const copy = openPlatformCopy(platform, runtime)
    if ((await copy.stateForRestore(manifest.sha256)) === 'occupied')
      throw new CommandError(
        'registry_exists',
        `The table ${platform.table} is not empty. Restore to a new table, and switch the functions to it.`,
      )
    if (!dryRun) await fill(copy, file, manifest.sha256)
    return { manifest, kept: null }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function fill(copy: ReturnType<typeof openPlatformCopy>, file: string, id: string): Promise<void> {
  const reader = openFileReader(file)
  try {
    await copy.fill(reader, id)
  } finally {
    reader.close()
  }
}
