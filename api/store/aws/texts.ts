import { createHash } from 'node:crypto'
import { RegistryError } from '../../contract/errors.ts'
import type { PromptId } from '../../contract/prompt-id.ts'
import type { VersionName } from '../../contract/version-name.ts'
import { Bounded } from '../bounded.ts'
import { hashedTextKey, textKey } from './keys.ts'
import { MOST_TEXT_BYTES, type Objects } from './objects.ts'

/** The current content of an object. */
export interface CurrentText {
  readonly sha256: string
  readonly text: string
  /** ISO 8601; `null` if S3 does not return it. */
  readonly modifiedAt: string | null
}

interface KnownObject {
  readonly etag: string
  readonly current: Omit<CurrentText, 'text'>
}

const KNOWN_OBJECTS = 10_000

/** The content cache of a process, shared by all requests. */
export interface KnownTexts {
  /** By hash. */
  readonly seen: Bounded<string>
  /** By key. */
  readonly known: Bounded<KnownObject>
}

export function knownTexts(cacheBytes: number): KnownTexts {
  return {
    seen: new Bounded<string>(cacheBytes, (text) => text.length * 2),
    known: new Bounded<KnownObject>(KNOWN_OBJECTS),
  }
}

/** Content of versions in the bucket. Caches content by its hash, up to a limit. */
export class Texts {
  readonly #objects: Objects
  readonly #seen: Bounded<string>
  readonly #known: Bounded<KnownObject>
  readonly #reading = new Map<string, Promise<string>>()
  readonly #looking = new Map<string, Promise<CurrentText | null>>()

  constructor(objects: Objects, { seen, known }: KnownTexts) {
    this.#objects = objects
    this.#seen = seen
    this.#known = known
  }

  /** Content in the cache. */
  seen(sha256: string): string | undefined {
    return this.#seen.get(sha256)
  }

  /** Stores the content of a new version without replacing other content. Returns its key. */
  async store(id: PromptId, version: VersionName, sha256: string, text: string): Promise<string> {
    const key = textKey(id, version)
    const stored = (await this.#putOnce(key, sha256, text))
      ? key
      : await this.storeHashed(id, version, sha256, text)
    this.#seen.set(sha256, text)
    return stored
  }

  /** Stores content at a key that contains its hash. */
  async storeHashed(id: PromptId, version: VersionName, sha256: string, text: string): Promise<string> {
    const key = hashedTextKey(id, version, sha256)
    if (await this.#putOnce(key, sha256, text)) return key
    throw new RegistryError(
      'unavailable',
      `The content of the object "${key}" does not match the hash in its name; restore an earlier version of the object.`,
    )
  }

  /** Stores text at a key that is its own by digest. An object that is there is trusted until it is read. */
  async storeFile(key: string, text: string): Promise<void> {
    await this.#objects.putIfFree(key, text)
  }

  /**
   * Reads the content with this hash from its object. Throws `text_missing` if there is none, `unavailable` if the
   * object has other content.
   */
  async get(key: string, sha256: string): Promise<string> {
    const reading = this.#reading.get(sha256) ?? this.#read(key, sha256)
    this.#reading.set(sha256, reading)
    return await reading.finally(() => this.#reading.delete(sha256))
  }

  /** The current content of the object; `null` if there is none. Does not download unchanged content again. */
  async current(key: string): Promise<CurrentText | null> {
    const looking = this.#looking.get(key) ?? this.#look(key)
    this.#looking.set(key, looking)
    return await looking.finally(() => this.#looking.delete(key))
  }

  async #look(key: string): Promise<CurrentText | null> {
    const known = this.#known.get(key)
    const text = known && this.#seen.get(known.current.sha256)
    const found = await this.#objects.fetch(key, text === undefined ? undefined : known?.etag)
    // An object above the limit counts as missing content.
    if (found === null || found === 'too_large') return null
    if (found === 'unchanged') return { ...(known as KnownObject).current, text: text ?? '' }
    const current = { sha256: hashOf(found.bytes), modifiedAt: found.modifiedAt }
    const decoded = decode(key, found.bytes)
    this.#seen.set(current.sha256, decoded)
    if (found.etag !== undefined) this.#known.set(key, { etag: found.etag, current })
    return { ...current, text: decoded }
  }

  /** Deletes the object, if there is one. */
  async delete(key: string, sha256: string): Promise<void> {
    await this.#objects.delete(key)
    this.#seen.delete(sha256)
    this.#known.delete(key)
  }

  /** Rejects if the bucket cannot be reached. */
  async check(): Promise<void> {
    await this.#objects.check()
  }

  async #read(key: string, sha256: string): Promise<string> {
    const found = await this.#objects.fetch(key)
    if (found === 'too_large') {
      throw new RegistryError(
        'text_missing',
        `The object "${key}" has more than ${MOST_TEXT_BYTES} bytes, which is too much for a prompt; store the content of the prompt there.`,
      )
    }
    if (found === null || found === 'unchanged') {
      throw new RegistryError(
        'text_missing',
        `The object "${key}" is missing from the bucket; restore an earlier version of it.`,
      )
    }
    if (hashOf(found.bytes) !== sha256) {
      throw new RegistryError(
        'unavailable',
        `The object "${key}" no longer has the content that the registry stored there; restore an earlier version of the object.`,
      )
    }
    const text = decode(key, found.bytes)
    this.#seen.set(sha256, text)
    return text
  }

  /** True if the key has this content afterwards, false if it has other content. */
  async #putOnce(key: string, sha256: string, text: string): Promise<boolean> {
    if (await this.#objects.putIfFree(key, text)) return true
    const found = await this.#objects.fetch(key)
    return found !== null && typeof found === 'object' && hashOf(found.bytes) === sha256
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function decode(key: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new RegistryError('unavailable', `The object "${key}" is not UTF-8 text; store it as UTF-8.`, {
      cause,
    })
  }
}
