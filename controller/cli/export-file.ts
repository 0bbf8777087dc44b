import { isFileProblem, readPromptFile } from '../../api/contract/reading/index.ts'
import { canonicalJson, type Json } from '../../api/contract/version.ts'

export interface ExportFile {
  /** Below the folder: `support/triage.txt`. */
  readonly path: string
  readonly text: string
}

interface ExportedPrompt {
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
  const matter = frontMatter(prompt)
  // Empty front matter keeps content that looks like front matter from being read as such.
  const texts = [matter + prompt.content, `---\n---\n${prompt.content}`]
  const path = `${reference}.txt`
  const text = texts.find((one) => readsAs(one, path, prompt))
  return text === undefined ? undefined : { path, text }
}

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
