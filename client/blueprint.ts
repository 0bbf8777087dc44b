import type { Environment } from '../api/contract/environment.ts'
import type { Mode } from '../api/contract/mode.ts'
import { parseReference } from '../api/contract/reference.ts'
import { isFields } from './belief.ts'
import { BlueprintError } from './blueprint-error.ts'
import { expandAll, unsetVariable } from './expand.ts'
import type { Resolution } from './resolution.ts'
import { readMode } from './settings.ts'

/**
 * A blueprint with its prompt resolved: the keys of its file, and the prompt in place of its reference.
 *
 * @example
 * ```ts
 * const { system_prompt, prompt, model }: Blueprint = await client.loadBlueprint('agents/triage.yaml')
 * ```
 */
export interface Blueprint {
  /** Every other key of the file, with its variables expanded. */
  readonly [key: string]: unknown
  /** The reference. Missing if the text is inline. */
  readonly prompt_ref?: string
  readonly system_prompt: string
  /** What `system_prompt` is; `null` if it is inline. */
  readonly prompt: BlueprintPrompt | null
  /** Where the text came from; `null` if it is inline. */
  readonly prompt_resolution: Resolution | null
}

/**
 * The version behind the `system_prompt` of a blueprint.
 *
 * @example
 * ```ts
 * trace.set('prompt', `${blueprint.prompt?.id}@${blueprint.prompt?.release}`)
 * ```
 */
export type BlueprintPrompt = Pick<Resolution, 'version' | 'release' | 'status'> & { readonly id: string }

/** A blueprint as its file has it, before its prompt is resolved. */
export interface BlueprintFile {
  /** Its key `id`, else `name`, else the name of the file. */
  readonly id: string
  readonly values: Values
  readonly prompt: { readonly reference: string } | { readonly inline: string }
  /** The modes that it may run in; `undefined` means all. */
  readonly modes: readonly Mode[] | undefined
}

type Values = Readonly<Record<string, unknown>>
type Where = (key?: string) => { readonly file: string; readonly line?: number | undefined }

/** Parses a blueprint (YAML). Throws `BlueprintError`. Loads the YAML library. */
export async function parseBlueprint(text: string, file: string, env: Environment): Promise<BlueprintFile> {
  const { values: raw, where } = await parseYaml(text, file)
  const values = expandAll(raw, env) as Values
  const filled = values.prompt_resolution === undefined ? undefined : 'prompt_resolution'
  if (filled !== undefined) throw new BlueprintError(where(filled), `"${filled}" is filled in; leave it out.`)
  const base = file.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '')
  const id = [values.id, values.name].find((name) => typeof name === 'string')
  return {
    id: id ?? base,
    values,
    prompt: promptOf(values, where),
    modes: modesOf(values.execution_modes, where),
  }
}

/** The blueprint with the text of its prompt. */
export function completed({ values, prompt }: BlueprintFile, resolution: Resolution | undefined): Blueprint {
  if (resolution === undefined || 'inline' in prompt) {
    const text = 'inline' in prompt ? prompt.inline : ''
    return { ...values, system_prompt: text, prompt: null, prompt_resolution: null }
  }
  const { text, promptId: id, version, release, status } = resolution
  return {
    ...values,
    prompt_ref: prompt.reference,
    system_prompt: text,
    prompt: { id, version, release, status },
    prompt_resolution: resolution,
  }
}

/** Where the prompt is: `prompt_ref`, `prompt: { id, version }`, or inline as `system_prompt` or `prompt`. */
function promptOf(values: Values, where: Where): BlueprintFile['prompt'] {
  const { prompt_ref: reference, prompt, system_prompt: system } = values
  const given = ['prompt_ref', 'prompt', 'system_prompt'].filter((key) => values[key] !== undefined)
  const [key, second] = given
  if (key === undefined)
    throw new BlueprintError(
      where(),
      'Add "prompt_ref" with a reference, such as "prompt_ref: support/triage".',
    )
  if (second !== undefined)
    throw new BlueprintError(
      where(second),
      `A blueprint has either "${key}" or "${second}"; remove one of them.`,
    )
  if (isFields(prompt)) return { reference: referenceOf(prompt, where) }
  const text = reference ?? prompt ?? system
  if (typeof text !== 'string') throw new BlueprintError(where(key), `"${key}" must be a text.`)
  return key === 'prompt_ref' ? { reference: checked(text, key, where) } : { inline: text }
}

function referenceOf(prompt: Values, where: Where): string {
  const { id, version, release } = prompt
  const pin = version ?? release
  if (typeof id !== 'string')
    throw new BlueprintError(where('prompt'), '"prompt" must have an "id", or be a text.')
  return checked(pin === undefined || pin === null ? id : `${id}@${pin}`, 'prompt', where)
}

function checked(reference: string, key: string, where: Where): string {
  const unset = unsetVariable(reference)
  if (unset !== undefined) {
    const message = `"${key}": The variable ${unset} is not set; set it, or write a default: \${${unset}:-default}.`
    throw new BlueprintError(where(key), message)
  }
  try {
    parseReference(reference)
    return reference
  } catch (cause) {
    throw new BlueprintError(where(key), `"${key}": ${cause instanceof Error ? cause.message : ''}`, cause)
  }
}

function modesOf(modes: unknown, where: Where): readonly Mode[] | undefined {
  if (modes === undefined || modes === null) return undefined
  const names = Array.isArray(modes) ? modes : [modes]
  try {
    return names.map((name) => readMode(String(name)))
  } catch (cause) {
    const message = `"execution_modes": ${cause instanceof Error ? cause.message : ''}`
    throw new BlueprintError(where('execution_modes'), message, cause)
  }
}

async function parseYaml(text: string, file: string): Promise<{ values: Values; where: Where }> {
  const { isMap, isScalar, LineCounter, parseDocument } = await import('./yaml.ts')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'error' })
  const problem = document.errors[0]
  if (problem !== undefined) {
    const why = problem.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')
    throw new BlueprintError({ file, line: lines.linePos(problem.pos[0]).line }, `${why}.`, problem)
  }
  const { contents } = document
  if (!isMap(contents)) throw new BlueprintError({ file }, 'A blueprint is a mapping of keys to values.')
  const where: Where = (key) => {
    const pair = contents.items.find(({ key: node }) => isScalar(node) && node.value === key)
    const line = isScalar(pair?.key) && pair.key.range ? lines.linePos(pair.key.range[0]).line : undefined
    return { file, line }
  }
  return { values: toValues(document, file), where }
}

function toValues(document: { toJS(): unknown }, file: string): Values {
  try {
    return document.toJS() as Values
  } catch (cause) {
    // Aliases that multiply are only found out here.
    const message = cause instanceof Error ? cause.message : 'It cannot be read.'
    throw new BlueprintError({ file }, message, cause)
  }
}
