import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { type Bundle, bundleLambda, LAMBDAS } from '../../../scripts/bundle.ts'

let built: Promise<Bundle> | undefined

/** The registry's bundle, made of the sources as they are, once for each test file. */
export function registryBundle(): Promise<Bundle> {
  built ??= build()
  return built
}

let folder: string | undefined

async function build(): Promise<Bundle> {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'))
  return await bundleLambda('registry', LAMBDAS.registry, folder)
}

afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})
