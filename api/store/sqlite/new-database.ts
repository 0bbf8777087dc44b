import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, fchmodSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Error codes of file systems without hard links. */
const NO_LINKS: readonly string[] = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK']

/**
 * Creates a database with this schema if there is no file. It gets its name only when complete, so a killed
 * process leaves no empty database. If another process is faster, its file is kept.
 */
export function makeDatabase(file: string, schema: string): void {
  const temporary = `${file}.new-${randomUUID()}`
  try {
    makeEmptyFile(temporary)
    const database = new DatabaseSync(temporary)
    try {
      database.exec(`PRAGMA synchronous = FULL; BEGIN; ${schema}; COMMIT`)
    } finally {
      database.close()
    }
    nameIt(temporary, file)
    syncFolder(dirname(file))
  } finally {
    rmSync(temporary, { force: true })
  }
}

/**
 * Readable only for this account, regardless of the umask. SQLite uses the same permissions for the files next to
 * a database.
 */
function makeEmptyFile(path: string): void {
  const descriptor = openSync(path, 'wx', 0o600)
  try {
    fchmodSync(descriptor, 0o600)
  } finally {
    closeSync(descriptor)
  }
}

/** Unlike a rename, a link never replaces a file that another process created meanwhile. */
function nameIt(temporary: string, file: string): void {
  try {
    linkSync(temporary, file)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (code === 'EEXIST') return
    if (!NO_LINKS.includes(code)) throw error
    if (!existsSync(file)) renameSync(temporary, file)
  }
}

/** Without this, a crash of the machine could lose the name, and all later commits with it. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
