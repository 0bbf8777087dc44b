import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type YAMLMap, type YAMLSeq } from 'yaml'
import { LIMITS } from '../limits.ts'
import type { Json } from '../version.ts'
import { isJsonObject, type JsonObject } from './json-object.ts'
import { offsetOf } from './parse-yaml.ts'
import { clipped } from './problem.ts'
import { flawOfKey, flawOfText, isWithinDepth, ValueFlaw } from './value-flaw.ts'
import { foreignTag, readScalar, withoutTag } from './yaml-scalar.ts'

/** A value that was read differently from how the file writes it. */
export interface ValueChange {
  readonly code: 'key_repaired' | 'duplicate_key' | 'value_changed'
  /** The top-level key. */
  readonly key: string
  /** Offset in the parsed text. */
  readonly offset: number
  readonly message: string
}

export interface YamlEntry {
  readonly value: Json
  /** Offset of the key in the parsed text. */
  readonly offset: number
}

export interface JsonReading {
  readonly entries: ReadonlyMap<string, YamlEntry>
  readonly changes: readonly ValueChange[]
}

/**
 * Reads a YAML mapping as JSON in one pass over its nodes. In the values of `textKeys`, numbers and booleans keep
 * their spelling in the file.
 *
 * Aliases share their value instead of copying it. The bytes that aliases add are counted and limited.
 */
export function yamlToJson(
  root: YAMLMap.Parsed,
  textKeys: ReadonlySet<string>,
): JsonReading | { readonly flaw: ValueFlaw } {
  const reader = new Reader(textKeys)
  try {
    return { entries: reader.readRoot(root), changes: reader.changes }
  } catch (error) {
    if (error instanceof ValueFlaw) return { flaw: error }
    throw error
  }
}

class Reader {
  readonly changes: ValueChange[] = []
  readonly #textKeys: ReadonlySet<string>
  /** Anchors by name; `null` while the value of the anchor is being read. */
  readonly #anchors = new Map<string, { readonly value: Json; readonly bytes: number } | null>()
  /** The top-level key being read. */
  #key = ''
  /** Bytes of text read so far, and how many of them aliases added. */
  #bytes = 0
  #aliasBytes = 0

  constructor(textKeys: ReadonlySet<string>) {
    this.#textKeys = textKeys
  }

  readRoot(root: YAMLMap.Parsed): ReadonlyMap<string, YamlEntry> {
    if (root.anchor !== undefined) this.#anchors.set(root.anchor, null)
    const entries = this.#entries(root, true)
    for (const { value, offset } of entries.values()) {
      if (isWithinDepth(value, LIMITS.jsonDepth - 1)) continue
      throw new ValueFlaw(offset, `The value is nested deeper than ${LIMITS.jsonDepth} levels. Flatten it.`)
    }
    return entries
  }

  #value(node: ParsedNode | null): Json {
    if (node === null) return null
    if (isAlias(node)) return this.#alias(node.source, offsetOf(node))
    const { anchor } = node
    if (anchor === undefined) return this.#own(node)
    const before = this.#bytes
    this.#anchors.set(anchor, null)
    const value = this.#own(node)
    // An inner anchor of the same name is newer, so it stays.
    if (this.#anchors.get(anchor) === null) this.#anchors.set(anchor, { value, bytes: this.#bytes - before })
    return value
  }

  #alias(name: string, offset: number): Json {
    const anchored = this.#anchors.get(name)
    if (anchored === undefined) {
      const message = `No anchor matches \`*${clipped(name)}\`, so it was read as text. Put it in quotes.`
      this.#note('key_repaired', offset, message)
      return `*${name}`
    }
    if (anchored === null) {
      throw new ValueFlaw(
        offset,
        `The alias \`*${clipped(name)}\` is part of its own value. Write the value out.`,
      )
    }
    this.#bytes += anchored.bytes
    this.#aliasBytes += anchored.bytes
    if (this.#aliasBytes > LIMITS.frontMatterBytes) {
      const most = LIMITS.frontMatterBytes
      throw new ValueFlaw(offset, `Aliases add more than ${most} bytes. Use fewer of them.`)
    }
    return anchored.value
  }

  #own(node: ParsedNode): Json {
    const offset = offsetOf(node)
    if (isMap(node)) return this.#mapping(node, offset)
    if (isSeq(node)) return this.#sequence(node, offset)
    if (!isScalar(node)) return null
    const { value, change } = readScalar(node, this.#textKeys.has(this.#key))
    if (change !== undefined) this.#note('value_changed', offset, change)
    this.#bytes += Buffer.byteLength(String(value)) + 1
    const flaw = typeof value === 'string' ? flawOfText(value) : undefined
    if (flaw !== undefined) throw new ValueFlaw(offset, flaw)
    return value
  }

  #mapping(node: YAMLMap.Parsed, offset: number): Json {
    this.#bytes += 2
    const entries = this.#entries(node, false)
    const tag = foreignTag(node.tag)
    if (tag === '!!set') {
      this.#note('value_changed', offset, 'The `!!set` was read as the list of its keys.')
      return [...entries.keys()]
    }
    if (tag !== undefined) this.#note('value_changed', offset, withoutTag(tag))
    return Object.fromEntries([...entries].map(([key, { value }]) => [key, value]))
  }

  #sequence(node: YAMLSeq.Parsed, offset: number): Json {
    this.#bytes += 2
    const items = node.items.map((item) => this.#value(item))
    const tag = foreignTag(node.tag)
    if (tag === '!!omap' && items.every(isJsonObject)) {
      this.#note('value_changed', offset, 'The `!!omap` was read as a mapping.')
      return Object.assign({}, ...items)
    }
    if (tag !== undefined) this.#note('value_changed', offset, withoutTag(tag))
    return items
  }

  /** The last of duplicate keys wins. Merged keys are added only if missing. */
  #entries(node: YAMLMap.Parsed, isRoot: boolean): Map<string, YamlEntry> {
    const entries = new Map<string, YamlEntry>()
    const merged: { readonly source: JsonObject; readonly offset: number }[] = []
    for (const pair of node.items) {
      const offset = offsetOf(pair.key)
      const key = this.#keyText(pair.key)
      if (isRoot) this.#key = key
      const value = this.#value(pair.value)
      const sources = isMergeKey(pair.key) ? objectsIn(value) : undefined
      if (sources !== undefined) {
        this.#note('value_changed', offset, 'The keys of `<<` were merged.')
        merged.push(...sources.map((source) => ({ source, offset })))
        continue
      }
      if (entries.has(key)) {
        const message = `The key "${clipped(key)}" is there more than once; the last value counts. Remove the others.`
        this.#note('duplicate_key', offset, message)
      }
      entries.set(key, { value, offset })
    }
    for (const { source, offset } of merged) addMissing(entries, source, offset)
    return entries
  }

  #keyText(node: ParsedNode): string {
    const key = isScalar(node) ? String(node.value ?? '') : ''
    const flaw = flawOfKey(key)
    if (flaw !== undefined) throw new ValueFlaw(offsetOf(node), flaw)
    this.#bytes += Buffer.byteLength(key) + 1
    return key
  }

  #note(code: ValueChange['code'], offset: number, message: string): void {
    this.changes.push({ code, key: this.#key, offset, message })
  }
}

function addMissing(entries: Map<string, YamlEntry>, source: JsonObject, offset: number): void {
  for (const [key, value] of Object.entries(source))
    if (!entries.has(key)) entries.set(key, { value, offset })
}

/** A quoted `<<` is an ordinary key. */
function isMergeKey(node: ParsedNode): boolean {
  return isScalar(node) && node.type === 'PLAIN' && node.value === '<<'
}

/** The mappings that a merge key names: one, or a list of them. */
function objectsIn(value: Json): readonly JsonObject[] | undefined {
  const list: readonly Json[] = Array.isArray(value) ? value : [value]
  return list.every(isJsonObject) ? list : undefined
}
