import type { z } from 'zod'
import type { Address } from './address.ts'

/**
 * Keeps objects, which never change, and responses with their ETags between passes. It may drop entries at any
 * time, and callers check its values. Keys are strings of any length.
 */
export interface GitHubCache {
  get(key: string): Promise<Uint8Array | undefined>
  set(key: string, value: Uint8Array): Promise<void>
}

/** An LRU cache of at most `mostBytes`. */
export function createMemoryCache(mostBytes = 64 * 1024 * 1024): GitHubCache {
  const values = new Map<string, Uint8Array>()
  let total = 0
  const weight = (key: string, value: Uint8Array) => key.length * 2 + value.length + 100
  const forget = (key: string) => {
    const value = values.get(key)
    if (value) total -= weight(key, value)
    values.delete(key)
  }
  return {
    async get(key) {
      const value = values.get(key)
      if (value === undefined) return undefined
      // In order of use: the first key is the least recently used.
      values.delete(key)
      values.set(key, value)
      return value
    },
    async set(key, value) {
      forget(key)
      if (weight(key, value) > mostBytes) return
      values.set(key, value)
      total += weight(key, value)
      for (const oldest of values.keys()) {
        if (total <= mostBytes) break
        forget(oldest)
      }
    },
  }
}

/** The part of a cache for one repository. A failing cache only costs requests. */
export interface Store {
  bytes(key: string): Promise<Uint8Array | undefined>
  setBytes(key: string, value: Uint8Array): Promise<void>
  json<T>(key: string, schema: z.ZodType<T>): Promise<T | undefined>
  setJson(key: string, value: unknown): Promise<void>
}

export function storeOf(cache: GitHubCache, { apiUrl, owner, name }: Address): Store {
  const prefix = `${apiUrl}/${owner}/${name} `.toLowerCase()
  const store: Store = {
    bytes: (key) => cache.get(prefix + key).catch(() => undefined),
    setBytes: (key, value) => cache.set(prefix + key, value).catch(() => undefined),
    async json(key, schema) {
      const bytes = await store.bytes(key)
      if (bytes === undefined) return undefined
      try {
        return schema.safeParse(JSON.parse(Buffer.from(bytes).toString())).data
      } catch {
        return undefined
      }
    },
    setJson: (key, value) => store.setBytes(key, Buffer.from(JSON.stringify(value))),
  }
  return store
}
