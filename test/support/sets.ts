import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { PromptStore } from '../../api/store/prompt-store.ts'
import { makeRegistry, type TestRegistry, type TestRegistryOptions } from './registry.ts'

export const SOURCE = 'git'

/** Takes the lease of a source as its pass does, and returns the token. */
export async function leased(api: RegistryApi, source = SOURCE): Promise<number> {
  const { lease } = await api.lease(source, { holder: 'pass' })
  if (lease === null) throw new Error('There is no lease.')
  return lease.token
}

/** A pass that stops before it moves the pointer: pushes and promotes every text. Returns the token of its lease. */
export async function stoppedPassAt(
  api: RegistryApi,
  version: string,
  texts: Readonly<Record<string, string>>,
  source = SOURCE,
): Promise<number> {
  const lease_token = await leased(api, source)
  for (const [prompt_id, content] of Object.entries(texts)) {
    const pushed = await api.push({ prompt_id, content, origin: { source }, lease_token })
    await api.promote(prompt_id, { version: pushed.version, alias: version, source, lease_token })
  }
  return lease_token
}

/** A whole pass at a release tag. */
export async function passAt(
  api: RegistryApi,
  version: string,
  texts: Readonly<Record<string, string>>,
  source = SOURCE,
): Promise<string> {
  const lease_token = await stoppedPassAt(api, version, texts, source)
  const { set } = await api.moveSet(source, { release: `v${version}`, lease_token })
  await api.lease(source, { holder: 'pass', token: lease_token, release: true })
  return set
}

/** A registry whose source serves `a` and `b` of release 1.0.0 as a set. */
export async function withSet(
  options: TestRegistryOptions = {},
): Promise<TestRegistry & { readonly set: string }> {
  const registry = makeRegistry(options)
  const set = await passAt(registry.writer, '1.0.0', { a: 'a 1', b: 'b 1' })
  return { ...registry, set }
}

/** The content, or the error code, of each reference in one request. */
export async function readMany(
  api: RegistryApi,
  references: readonly string[],
  more: { readonly mode?: string; readonly set?: string; readonly sets?: boolean } = {},
): Promise<readonly string[]> {
  const { results } = await api.resolveMany({ references: [...references], ...more })
  return results.map((result) =>
    'prompt' in result ? result.prompt.content : 'code' in result ? result.code : '',
  )
}

/** A store for `makeRegistry` that calls `next.run` once, after it read a page of prompts and before it returns it. */
export function afterPage() {
  const next = { run: async () => {} }
  const between = (prompts: PromptStore): PromptStore => ({
    ...prompts,
    page: (async (query) => {
      const page = await prompts.page(query)
      const { run } = next
      next.run = async () => {}
      await run()
      return page
    }) as PromptStore['page'],
  })
  return { between, next }
}
