import { Document, isSeq, parseDocument } from 'yaml'
import { SourceSchema } from '../../configuration/source-schema.ts'
import { ConfigError } from '../../values/yaml-document.ts'

/** The settings of a new source that differ from the defaults. */
export interface NewSource {
  readonly name: string
  readonly repository: string
  readonly branch?: string | undefined
  readonly directories?: readonly string[]
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly releases?: readonly string[]
  readonly idPrefix?: string | undefined
  readonly credentials?: { readonly passwordEnv: string } | undefined
}

const ABOUT = ` The platform's configuration: which repositories to watch, and where the registry is. It belongs beside the
 controller, not into the repositories with the prompts. A repository can refine its own layout in .promptctl.yaml.
 The folder .promptctl holds the registry and copies of the repositories; do not commit it.`

/**
 * The text of a configuration with one more source. Keeps the comments and the order of an existing one. Throws
 * `ConfigError` if it has a source with this name, or cannot be read.
 */
export function withSource(text: string | null, source: NewSource, file: string): string {
  const document = text === null ? new Document({ sources: [] }) : parseDocument(text, { logLevel: 'silent' })
  if (document.errors.length > 0) throw new ConfigError(`${file} is not valid YAML. Correct it first.`)
  if (text === null) document.commentBefore = ABOUT
  if (!isSeq(document.get('sources'))) document.set('sources', document.createNode([]))
  const sources = document.toJS().sources as readonly { readonly name?: unknown }[]
  if (sources.some(({ name }) => name === source.name))
    throw new ConfigError(`${file} already has a source "${source.name}". Choose another name with --name.`)
  const node = document.createNode(withoutDefaults(source))
  for (const key of ['directories', 'include', 'exclude', 'releases']) flow(node, key)
  document.addIn(['sources'], node)
  const seq = document.get('sources')
  if (isSeq(seq)) seq.flow = false
  return document.toString({ lineWidth: 0 })
}

function flow(node: unknown, key: string): void {
  const list = (node as { get(key: string, keep: true): unknown }).get(key, true)
  if (isSeq(list)) list.flow = true
}

/** Settings that only repeat a default would hide the ones that matter. */
function withoutDefaults(source: NewSource): Record<string, unknown> {
  const plain: Record<string, unknown> = SourceSchema.parse({ name: 'x', repository: 'x' })
  const isDefault = (key: string, value: unknown) => JSON.stringify(plain[key]) === JSON.stringify(value)
  const entries = Object.entries(source).filter(
    ([key, value]) => value !== undefined && !isDefault(key, value),
  )
  return Object.fromEntries(entries)
}
