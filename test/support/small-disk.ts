import { execFileSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'

/** A separate file system in memory, which can be filled or made read-only. */
export interface SmallDisk {
  readonly path: string
  readOnly(): void
  unmount(): void
}

/** Mounts a file system of this many KiB at `path`. Returns the reason if the machine refuses. */
export async function mountSmallDisk(path: string, kib: number): Promise<SmallDisk | string> {
  await mkdir(path, { recursive: true })
  const mount = (options: string) =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'pipe' })
  try {
    mount(`size=${kib}k`)
  } catch {
    return 'mounting a small disk is refused here'
  }
  return {
    path,
    readOnly: () => void execFileSync('mount', ['-o', 'remount,ro', path], { stdio: 'pipe' }),
    unmount: () => void execFileSync('umount', [path], { stdio: 'pipe' }),
  }
}
