import { access } from 'node:fs/promises'

/** Whether this process finds something at the path, of whatever kind. */
export async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
