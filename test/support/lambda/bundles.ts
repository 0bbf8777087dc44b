import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
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
  return { file, zip, bytes: (await stat(file)).size, zipBytes: (await stat(zip)).size }
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
