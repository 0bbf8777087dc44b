import { isMap, isScalar, isSeq } from 'yaml'
import type { z } from 'zod'
import { parseYaml } from '../../api/contract/reading/parse-yaml.ts'
import { yamlToJson } from '../../api/contract/reading/yaml-to-json.ts'
import { ConfigError } from './config-error.ts'
import { didYouMean } from './nearest.ts'

export { ConfigError }

/**
 * Reads YAML that follows a schema. `file` is only for messages. It is parsed as front matter is, since a repository may
 * have written it: in linear time, without deep recursion, and with a bound on what aliases add. Throws `ConfigError`,
 * with every flaw's place.
 */
export function readYaml<S extends z.ZodType>(text: string, schema: S, file: string): z.output<S> {
  const parsed = schema.safeParse(withoutEmptyKeys(plainValue(text, file)))
  if (!parsed.success)
    throw new ConfigError(
      `${file}: ${parsed.error.issues.flatMap((issue) => issueTexts(issue, keysIn(schema))).join('; ')}`,
    )
  return parsed.data
}

function plainValue(text: string, file: string): unknown {
  const invalid = (reason: string, offset: number) =>
    new ConfigError(`${file} is not valid YAML: ${reason} at ${placeOf(text, offset)}.`)
  const parsed = parseYaml(text)
  if ('flaw' in parsed) throw invalid(parsed.flaw.reason.replace(/[.:]$/, ''), parsed.flaw.offset)
  const { root } = parsed
  if (root === null || (isScalar(root) && root.value === null)) return {}
  // The schema refuses it, in its own words.
  if (!isMap(root)) return isSeq(root) ? [] : ''
  const read = yamlToJson(root, NO_TEXT_KEYS)
  if ('flaw' in read) {
    const { message, offset } = read.flaw
    throw new ConfigError(`${file} cannot be used. At ${placeOf(text, offset)}: ${message}`)
  }
  // Settings are read strictly: leniency that suits a prompt would hide a mistake here.
  const twice = read.changes.find(({ code }) => code === 'duplicate_key')
  if (twice !== undefined) throw invalid('Map keys must be unique', twice.offset)
  const unknown = read.changes.find(({ code }) => code === 'key_repaired')
  if (unknown !== undefined) throw invalid('An alias has no anchor', unknown.offset)
  return Object.fromEntries([...read.entries].map(([key, { value }]) => [key, value]))
}

const NO_TEXT_KEYS: ReadonlySet<string> = new Set()

function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset)
  return `line ${before.split('\n').length}, column ${offset - before.lastIndexOf('\n')}`
}

/** A key with all its entries commented out counts as absent. */
function withoutEmptyKeys(document: unknown): unknown {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) return document
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== null))
}

/** Every error with its place. For a union, the errors of the most likely option. */
function issueTexts(
  issue: z.core.$ZodIssue,
  known: ReadonlySet<string>,
  above: readonly PropertyKey[] = [],
): string[] {
  const steps = [...above, ...issue.path]
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const strangers = (issues: readonly z.core.$ZodIssue[]) =>
      issues.filter(({ code }) => code === 'unrecognized_keys').length
    const [likeliest = []] = [...issue.errors].sort(
      (a, b) => strangers(a) - strangers(b) || a.length - b.length,
    )
    return likeliest.flatMap((inner) => issueTexts(inner, known, steps))
  }
  const strange = issue.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : ''
  const meant = didYouMean(strange, known).replace(/^ /, '. ')
  const path = steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return [`${path === '' ? 'the document' : path.slice(1)}: ${issue.message}${meant}`]
}

/** Parts of a schema that have other schemas, by the names of zod. */
interface SchemaParts {
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>
  readonly options?: readonly z.core.$ZodType[]
  readonly innerType?: z.core.$ZodType
  readonly element?: z.core.$ZodType
  readonly in?: z.core.$ZodType
}

/** Every key that an object in this schema may have. */
function keysIn(schema: z.core.$ZodType): ReadonlySet<string> {
  const keys = new Set<string>()
  const open = [schema]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { shape = {}, options = [], innerType, element, in: input } = one._zod.def as SchemaParts
    for (const key of Object.keys(shape)) keys.add(key)
    open.push(
      ...Object.values(shape),
      ...options,
      ...[innerType, element, input].filter((part) => part !== undefined),
    )
  }
  return keys
}
