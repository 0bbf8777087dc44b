import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Sample files with their expected readings, stored next to the project. */
export const SHARED_DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url))

/** Why tests on a folder of sample files cannot run here; `undefined` if they can, or if `REQUIRE_ALL=1`. */
export function sharedDataMissing(folder: string): string | undefined {
  if (existsSync(`${SHARED_DATA}${folder}`) || process.env.REQUIRE_ALL === '1') return undefined
  return `the sample files of ${folder}/ are missing next to this project`
}
