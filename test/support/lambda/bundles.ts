import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { type Bundle, bundleLambda, LAMBDAS } from '../../../scripts/bundle.ts'

const built = new Map<string, Promise<Bundle>>()

/** The bundle of one of our functions, made of the sources as they are, once for each test file. */
export function bundleOf(name: keyof typeof LAMBDAS): Promise<Bundle> {
  const known = built.get(name) ?? build(name)
  built.set(name, known)
  return known
}

export const registryBundle = () => bundleOf('registry')

const folders: string[] = []

async function build(name: keyof typeof LAMBDAS): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'))
  folders.push(folder)
  return await bundleLambda(name, LAMBDAS[name], folder)
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})
