import { LIMITS } from '../limits.ts'
import { isNothing, type Json, type Sidecars } from '../version.ts'
import { isJsonObject } from './json-object.ts'
import { parseDocument } from './parse-document.ts'
import type { FileProblem } from './problem.ts'
import { type FrontMatter, promptFields } from './prompt-fields.ts'

/**
 * Adds the fields of a file's sidecars, which are YAML, JSON or TOML. The file's own fields win, then those of the
 * first sidecar by name.
 */
export function withSidecars<File extends FrontMatter>(
  file: File,
  sidecars: Sidecars | null,
): File | FileProblem {
  let read = file
  for (const [name, text] of Object.entries(sidecars?.texts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const fields = sidecarFields(name, text)
    if ('code' in fields) return fields
    read = { ...read, ...merged(read, fields) }
  }
  return configProblem(read.config) ?? read
}

type SidecarFields = Pick<FrontMatter, 'description' | 'tags' | 'variables' | 'config'>

function merged(own: SidecarFields, other: SidecarFields): SidecarFields {
  const { description, tags, variables, config } = own
  return {
    description: description ?? other.description,
    tags: tags.length > 0 ? tags : other.tags,
    variables: isNothing(variables) ? other.variables : variables,
    config: mergedConfig(config, other.config),
  }
}

function mergedConfig(own: Json | null, other: Json | null): Json | null {
  return isJsonObject(own) && isJsonObject(other) ? { ...other, ...own } : (own ?? other)
}

function sidecarFields(name: string, text: string): FrontMatter | FileProblem {
  const mapping = parseDocument(text)
  const fields = 'flaw' in mapping ? { message: mapping.flaw } : promptFields(mapping)
  if (!('message' in fields)) return fields
  const message = `Its sidecar ${name} cannot be read. ${fields.message.replaceAll('front matter', 'document')}`
  return { code: 'sidecar_invalid', message }
}

function configProblem(config: Json | null): FileProblem | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(config))
  if (bytes <= LIMITS.configBytes) return undefined
  const message = `The config of the file and its sidecars has ${bytes} bytes as JSON; at most ${LIMITS.configBytes} are allowed. Shorten it.`
  return { code: 'sidecar_invalid', message }
}
