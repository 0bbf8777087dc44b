import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Bundle, bundleLambda, LAMBDAS } from '../../../scripts/bundle.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** All inputs of a bundle. */
const INPUTS = ['{api,client,controller}/**/*.{ts,sql}', 'scripts/{bundle,zip}.ts', 'package-lock.json']
/** Next to vitest's cache, and also ignored by git. */
const CACHE = join(ROOT, 'node_modules/.cache/prompt-registry-bundles')
const DAY_MS = 24 * 60 * 60 * 1000

type Name = keyof typeof LAMBDAS

const built = new Map<Name, Promise<Bundle>>()

/** The bundle of one of our functions, built from the current sources. Shared by test files and runs. */
export function bundleOf(name: Name): Promise<Bundle> {
  const known = built.get(name) ?? cached(name)
  built.set(name, known)
  return known
}

export const registryBundle = () => bundleOf('registry')

async function cached(name: Name): Promise<Bundle> {
  const folder = join(CACHE, `${name}-${await digestOfInputs()}`)
  if (!existsSync(folder)) await buildInto(folder, name)
  const [file, zip] = [join(folder, name, 'index.mjs'), join(folder, `${name}.zip`)]
  const sizes = (await codeOf(file)).map((text) => Buffer.byteLength(text))
  const bytes = sizes.reduce((sum, size) => sum + size)
  return { file, zip, bytes, zipBytes: (await stat(zip)).size }
}

/** The contents of all files of a bundle. */
export async function codeOf(entry: string): Promise<string[]> {
  const folder = dirname(entry)
  const files = (await readdir(folder)).filter((name) => name.endsWith('.mjs'))
  return await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))
}

/** The files that each start loads, and their bytes: the entry and what it imports, but not on demand. */
export async function startFiles(entry: string): Promise<{ bytes: number; files: number }> {
  const files = new Set([entry])
  let bytes = 0
  for (const file of files) {
    const text = await readFile(file, 'utf8')
    bytes += Buffer.byteLength(text)
    for (const [, path = ''] of text.matchAll(/(?:from|import)"(\.\/[^"]+)"/g))
      files.add(join(dirname(entry), path))
  }
  return { bytes, files: files.size }
}

/** Atomic, because two test files may build the same bundle at once. */
async function buildInto(folder: string, name: Name): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  await removeOld()
  const scratch = await mkdtemp(join(CACHE, 'unfinished-'))
  await bundleLambda(name, LAMBDAS[name], scratch)
  await rename(scratch, folder).catch(async (error) => {
    if (!existsSync(folder)) throw error
    await rm(scratch, { recursive: true, force: true })
  })
}

/** Bundles that another run is using are newer than this. */
async function removeOld(): Promise<void> {
  for (const entry of await readdir(CACHE)) {
    const path = join(CACHE, entry)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
    if (mtimeMs < Date.now() - DAY_MS) await rm(path, { recursive: true, force: true })
  }
}

async function digestOfInputs(): Promise<string> {
  const hash = createHash('sha256')
  for (const path of globSync(INPUTS, { cwd: ROOT }).sort()) {
    hash.update(`${path}\0`).update(await readFile(join(ROOT, path)))
  }
  return hash.digest('hex').slice(0, 16)
}
