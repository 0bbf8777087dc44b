import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { scratchFolder } from '../scratch.ts'

/**
 * Writes a function, by default for one test. `body` is the body of its handler, with `event` and `context`.
 */
export async function writeFunction(body: string, before = '', folder?: string): Promise<string> {
  const file = join(folder ?? (await scratchFolder()), 'index.mjs')
  await writeFile(file, `${before}\nexport const handler = async (event, context) => { ${body} }\n`)
  return file
}
