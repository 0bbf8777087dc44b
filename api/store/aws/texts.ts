import { createHash } from 'node:crypto'
import { RegistryError } from '../../contract/errors.ts'
import type { PromptId } from '../../contract/prompt-id.ts'
import type { VersionName } from '../../contract/version-name.ts'
import { Bounded } from './bounded.ts'
import { hashedTextKey, textKey } from './keys.ts'
import type { Objects } from './objects.ts'

/** The text that an object holds now. */
export interface CurrentText {
  readonly sha256: string
  readonly text: string
  /** ISO 8601; `null` where S3 does not say. */
  readonly modifiedAt: string | null
}

interface KnownObject {
  readonly etag: string
  readonly current: Omit<CurrentText, 'text'>
}

const KNOWN_OBJECTS = 10_000

/** Texts of versions in the bucket. Those this process has seen are kept, up to a bound, by their hash. */
export class Texts {
  readonly #objects: Objects
  readonly #seen: Bounded<string>
  readonly #reading = new Map<string, Promise<string>>()
  readonly #looking = new Map<string, Promise<CurrentText | null>>()
  readonly #known = new Bounded<KnownObject>(KNOWN_OBJECTS)

  constructor(objects: Objects, cacheBytes: number) {
    this.#objects = objects
    this.#seen = new Bounded<string>(cacheBytes, (text) => text.length * 2)
  }

  /** A text that this process has seen and still has. */
  seen(sha256: string): string | undefined {
    return this.#seen.get(sha256)
  }

  /** Stores a new version's text without ever replacing other content, and gives where. */
  async store(id: PromptId, label: VersionName, sha256: string, text: string): Promise<string> {
    const key = textKey(id, label)
    const stored = (await this.#putOnce(key, sha256, text))
      ? key
      : await this.storeHashed(id, label, sha256, text)
    this.#seen.set(sha256, text)
    return stored
  }

  /** The same at a key that carries the text's hash. */
  async storeHashed(id: PromptId, label: VersionName, sha256: string, text: string): Promise<string> {
    const key = hashedTextKey(id, label, sha256)
    if (await this.#putOnce(key, sha256, text)) return key
    throw new RegistryError(
      'unavailable',
      `The object "${key}" holds something else than its name says; restore it from its earlier version in the bucket.`,
    )
  }

  /** Reads the text with this hash from its object. Throws `unavailable` where the object has no such text. */
  async get(key: string, sha256: string): Promise<string> {
    const reading = this.#reading.get(sha256) ?? this.#read(key, sha256)
    this.#reading.set(sha256, reading)
    return await reading.finally(() => this.#reading.delete(sha256))
  }

  /** What the object holds at this moment; `null` where there is no object. Unchanged text is not sent again. */
  async current(key: string): Promise<CurrentText | null> {
    const looking = this.#looking.get(key) ?? this.#look(key)
    this.#looking.set(key, looking)
    return await looking.finally(() => this.#looking.delete(key))
  }

  async #look(key: string): Promise<CurrentText | null> {
    const known = this.#known.get(key)
    const text = known && this.#seen.get(known.current.sha256)
    const found = await this.#objects.fetch(key, text === undefined ? undefined : known?.etag)
    if (found === null) return null
    if (found === 'unchanged') return { ...(known as KnownObject).current, text: text ?? '' }
    const current = { sha256: hashOf(found.bytes), modifiedAt: found.modifiedAt }
    const decoded = decode(key, found.bytes)
    this.#seen.set(current.sha256, decoded)
    if (found.etag !== undefined) this.#known.set(key, { etag: found.etag, current })
    return { ...current, text: decoded }
  }

  /** Rejects where the bucket cannot be reached. */
  async check(): Promise<void> {
    await this.#objects.check()
  }

  async #read(key: string, sha256: string): Promise<string> {
    const found = await this.#objects.fetch(key)
    if (found === null || found === 'unchanged') {
      throw new RegistryError(
        'unavailable',
        `The text at "${key}" is missing from the bucket; restore the object from its earlier version.`,
      )
    }
    if (hashOf(found.bytes) !== sha256) {
      throw new RegistryError(
        'unavailable',
        `The object "${key}" does not hold the text that the registry stored there; restore it from its earlier version in the bucket.`,
      )
    }
    const text = decode(key, found.bytes)
    this.#seen.set(sha256, text)
    return text
  }

  /** True where the key holds this text afterwards, false where it holds other content. */
  async #putOnce(key: string, sha256: string, text: string): Promise<boolean> {
    if (await this.#objects.putIfFree(key, text)) return true
    const found = await this.#objects.fetch(key)
    return found !== null && found !== 'unchanged' && hashOf(found.bytes) === sha256
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
