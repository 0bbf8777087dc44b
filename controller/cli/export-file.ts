import { nameOf } from '../../api/contract/reading/format.ts'
import { isFileProblem, readPromptFile } from '../../api/contract/reading/index.ts'
import type { ResolvedPrompt } from '../../api/contract/registry-api.ts'
import { canonicalJson, type Json } from '../../api/contract/version.ts'

export interface ExportFile {
  /** Below the folder: `support/triage.txt`. */
  readonly path: string
  readonly text: string
}

interface ExportedPrompt extends Partial<Pick<ResolvedPrompt, 'file' | 'files' | 'format' | 'origin'>> {
  readonly content: string
  readonly description: string | null
  readonly tags: readonly string[]
  readonly variables: Json | null
  readonly config: Json | null
}

/**
 * A prompt as a file that every client reads back as the same prompt. `undefined` if no file can do that, such as for
 * a config that is a list.
 */
export function exportFile(reference: string, prompt: ExportedPrompt): ExportFile | undefined {
  const own = ownFile(reference, prompt)
  if (own !== undefined) return own
  const matter = frontMatter(prompt)
  // Empty front matter keeps content that looks like front matter from being read as such.
  const texts = [matter + prompt.content, `---\n---\n${prompt.content}`]
  const path = `${reference}.txt`
  const text = texts.find((one) => readsAs(one, path, prompt))
  return text === undefined ? undefined : { path, text }
}

/** The file itself, if its extension says more about it than `.txt`. */
function ownFile(reference: string, prompt: ExportedPrompt): ExportFile | undefined {
  const { file, files, format, origin } = prompt
  // Tools look for a skill in its SKILL.md.
  const extension = files == null ? nameOf(origin?.path ?? '').extension : '.md'
  const isOwn = OWN_EXTENSIONS.includes(extension) || files != null
  if (typeof file !== 'string' || !isOwn) return undefined
  const path = reference + extension
  const read = readPromptFile(new TextEncoder().encode(file), { path })
  const isSame = !isFileProblem(read) && read.format === format && readsAs(file, path, prompt)
  return isSame ? { path, text: file } : undefined
}

const OWN_EXTENSIONS = [
  ...['.prompt', '.prompty', '.mdc', '.j2', '.liquid', '.hbs'],
  ...['.yml', '.yaml', '.json', '.toml'],
]

/** Every value is JSON, which is YAML too. */
function frontMatter({ description, tags, variables, config }: ExportedPrompt): string {
  const own = { description, tags: tags.length > 0 ? tags : null, variables }
  const others = typeof config === 'object' && config !== null && !Array.isArray(config) ? config : {}
  const lines = Object.entries({ ...others, ...own })
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}\n`)
  return lines.length === 0 ? '' : `---\n${lines.join('')}---\n`
}

function readsAs(text: string, path: string, prompt: ExportedPrompt): boolean {
  const read = readPromptFile(new TextEncoder().encode(text), { path })
  return !isFileProblem(read) && canonicalJson(fieldsOf(read)) === canonicalJson(fieldsOf(prompt))
}

function fieldsOf({ content, description, tags, variables, config }: ExportedPrompt): Json {
  return { content, description, tags, variables, config }
}
