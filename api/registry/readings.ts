import { needsDocument, type PromptReading, readStored } from '../contract/reading/prompt-reading.ts'
import type { VersionRecord } from '../store/records.ts'

/** Characters of content whose readings are remembered, in each of two generations. */
const MOST_CHARACTERS = 4_000_000

/** The readings of versions, cached: a document takes some 0.3 ms to read. */
export class Readings {
  #recent = new Map<string, PromptReading>()
  #older = new Map<string, PromptReading>()
  #characters = 0

  /** `content` is that of the version. */
  async of(version: VersionRecord, content: string): Promise<PromptReading> {
    const { format, payloadSha256, variables, config } = version
    const stored = { format, templateLanguage: version.templateLanguage ?? null, content, variables, config }
    const path = pathOf(version)
    const isDocument = needsDocument({ format, path })
    const key = [payloadSha256, format, stored.templateLanguage, isDocument].join()
    const known = this.#recent.get(key) ?? this.#older.get(key)
    if (known !== undefined) return known
    const reading = readStored({ ...stored, path }, isDocument ? await documentOf(content) : undefined)
    this.#keep(key, reading, content.length)
    return reading
  }

  #keep(key: string, reading: PromptReading, characters: number): void {
    if (this.#characters + characters > MOST_CHARACTERS) {
      this.#older = this.#recent
      this.#recent = new Map()
      this.#characters = 0
    }
    this.#recent.set(key, reading)
    this.#characters += characters
  }
}

/** The path decides nothing if the layout sets the format. */
function pathOf({ origin, additions }: VersionRecord): string | null {
  return additions?.format === undefined ? (origin?.path ?? null) : null
}

/** Loaded on demand: only documents need the YAML parser. */
async function documentOf(content: string) {
  const { readDocument } = await import('../contract/reading/index.ts')
  return readDocument(content)
}
