import { chmod, mkdir, stat } from 'node:fs/promises'

const PRIVATE = 0o700
const FOR_OTHERS = 0o077

/** The mode of a file in such a folder. */
export const PRIVATE_FILE = 0o600

/**
 * Makes the folder and the missing ones above it, and takes the rights of other accounts on it: drafts are in it.
 * Whatever the umask. A folder of another account stays as it is.
 */
export async function makePrivateFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: PRIVATE })
  const { mode } = await stat(folder)
  if (made === undefined && (mode & FOR_OTHERS) === 0) return
  await chmod(folder, PRIVATE).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPERM') throw error
  })
}
