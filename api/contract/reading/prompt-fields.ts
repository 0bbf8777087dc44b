import type { Json } from '../version.ts'
import { type Field, readDescription, readJson, readTags } from './front-matter-fields.ts'
import { collectNotices } from './notices.ts'
import type { FileProblem, Notice } from './problem.ts'
import type { Mapping } from './yaml-mapping.ts'

/** The contents of front matter, or of a document beside its text. */
export interface FrontMatter {
  readonly description: string | null
  readonly tags: readonly string[]
  /** The value of `variables`. */
  readonly variables: Json | null
  /** All other keys; `null` if there are none. */
  readonly config: Json | null
  /** Top-level keys with a value that is not valid YAML and was read as text. */
  readonly repairedKeys: readonly string[]
  readonly notices: readonly Notice[]
}

export const NO_FIELDS: FrontMatter = {
  description: null,
  tags: [],
  variables: null,
  config: null,
  repairedKeys: [],
  notices: [],
}

const OWN_KEYS = new Set(['description', 'tags', 'variables'])

/** Takes the fields of a version from a mapping. `beside` are keys that are not config. */
export function promptFields(
  { entries, changes, lineOf }: Mapping,
  beside: ReadonlySet<string> = new Set(),
): FrontMatter | FileProblem {
  const problems: FileProblem[] = []
  const notices: Notice[] = changes.map(({ offset, ...change }) => ({ ...change, line: lineOf(offset) }))
  const take = <T>(key: string, field: Field<T>, otherwise: T): T => {
    const offset = entries.get(key)?.offset
    const line = offset === undefined ? {} : { line: lineOf(offset) }
    if ('problem' in field) {
      problems.push({ code: 'front_matter_value', ...line, message: field.problem })
      return otherwise
    }
    if (field.change !== undefined)
      notices.push({ code: 'value_changed', ...line, key, message: field.change })
    return field.value
  }
  const valueAt = (key: string) => entries.get(key)?.value ?? null
  const read = {
    description: take('description', readDescription(valueAt('description')), null),
    tags: take('tags', readTags(valueAt('tags')), []),
    variables: take('variables', readJson('`variables`', valueAt('variables')), null),
    config: take('', readJson('The config', configOf(entries, beside)), null),
    repairedKeys: [...new Set(changes.filter(({ code }) => code === 'key_repaired').map(({ key }) => key))],
    notices: collectNotices(notices),
  }
  return problems[0] ?? read
}

/** The keys of a mapping that are config; `null` if there are none. */
export function configOf(entries: Mapping['entries'], beside: ReadonlySet<string>): Json | null {
  const others = [...entries].filter(([key]) => !OWN_KEYS.has(key) && !beside.has(key))
  return others.length === 0 ? null : Object.fromEntries(others.map(([key, { value }]) => [key, value]))
}
