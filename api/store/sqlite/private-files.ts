import { chmodSync, mkdirSync, statSync } from 'node:fs'

const FOR_OTHERS = 0o077
const PRIVATE_FILE = 0o600
const PRIVATE_FOLDER = 0o700
/** A file of another account, a read-only disk, or a file system without permissions. */
const NOT_OURS: readonly string[] = ['EPERM', 'EROFS', 'ENOTSUP', 'EOPNOTSUPP']

/** Creates the folder and its missing parents, accessible only to this account, regardless of the umask. */
export function makePrivateFolder(folder: string): void {
  const made = mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER })
  // The umask can only have removed permissions of the account itself.
  if (made !== undefined) chmodSync(folder, PRIVATE_FOLDER)
}

/**
 * Removes the permissions of other accounts on the database and the files that SQLite keeps next to it. Skips
 * files of another account. Uses paths only, because closing a descriptor of the database would drop SQLite's
 * locks on it.
 */
export function makePrivate(file: string): void {
  for (const path of [file, `${file}-wal`, `${file}-shm`]) {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode
    if (mode !== undefined && (mode & FOR_OTHERS) !== 0) chmodIfOurs(path)
  }
}

function chmodIfOurs(path: string): void {
  try {
    chmodSync(path, PRIVATE_FILE)
  } catch (error) {
    if (!NOT_OURS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
