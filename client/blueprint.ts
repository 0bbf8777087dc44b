import { readFile } from 'node:fs/promises'
import { parseReference } from '../api/contract/reference.ts'
import { ambient, type Environment } from './ambient.ts'
import { BlueprintError } from './blueprint-error.ts'
import type { PromptRegistryClient, Resolution, ResolveOptions } from './client.ts'
import { expandVariables } from './expand.ts'

export interface Blueprint {
  /** Every other key of the file, as it is there. */
  readonly [key: string]: unknown
  /** Expanded. Not there in a blueprint that has its text inline. */
  readonly prompt_ref?: string
  readonly system_prompt: string
  /** The version that `system_prompt` is; `null` where it is inline or comes from a file without a pin. */
  readonly prompt_version: string | null
  /** Where the text came from; `null` where it is inline. */
  readonly prompt_resolution: Resolution | null
}

export interface BlueprintOptions extends ResolveOptions {
  /** For `${VAR}` and `${VAR:-default}` in `prompt_ref`. */
  readonly env?: Environment | undefined
}

/**
 * Reads an agent's blueprint (YAML) and resolves its `prompt_ref` to `system_prompt`. A blueprint that has
 * `system_prompt` instead keeps it. Throws `BlueprintError` for the file and `PromptResolutionError` for the prompt.
 */
export async function loadBlueprint(
  file: string,
  client: Pick<PromptRegistryClient, 'resolve'>,
  { env = ambient.env(), ...options }: BlueprintOptions = {},
): Promise<Blueprint> {
  const { values, lineOf } = await readYaml(file)
  for (const key of ['prompt_version', 'prompt_resolution']) {
    if (key in values)
      throw new BlueprintError({ file, line: lineOf(key) }, `"${key}" is filled in; leave it out.`)
  }
  const source = promptSource(values, file, lineOf)
  if ('inline' in source) {
    return { ...values, system_prompt: source.inline, prompt_version: null, prompt_resolution: null }
  }
  const reference = parseTemplate(source.template, env, { file, line: lineOf('prompt_ref') })
  const resolution = await client.resolve(reference, options)
  return {
    ...values,
    prompt_ref: reference,
    system_prompt: resolution.text,
    prompt_version: resolution.version,
    prompt_resolution: resolution,
  }
}

type Values = Readonly<Record<string, unknown>>
type LineOf = (key: string) => number | undefined

function promptSource(
  values: Values,
  file: string,
  lineOf: LineOf,
): { template: string } | { inline: string } {
  const { prompt_ref: template, system_prompt: inline } = values
  if (template !== undefined && inline !== undefined) {
    throw new BlueprintError(
      { file, line: lineOf('system_prompt') },
      'A blueprint has either "prompt_ref" or "system_prompt"; remove the one that is not meant.',
    )
  }
  if (typeof template === 'string') return { template }
  if (template === undefined && typeof inline === 'string') return { inline }
  const key = template === undefined ? 'system_prompt' : 'prompt_ref'
  if (key in values) throw new BlueprintError({ file, line: lineOf(key) }, `"${key}" must be a text.`)
  throw new BlueprintError(
    { file },
    'Add "prompt_ref" with a reference, such as "prompt_ref: support/triage".',
  )
}

function parseTemplate(
  template: string,
  env: Environment,
  where: { file: string; line: number | undefined },
) {
  try {
    const reference = expandVariables(template, env)
    parseReference(reference)
    return reference
  } catch (cause) {
    throw new BlueprintError(where, `"prompt_ref": ${cause instanceof Error ? cause.message : ''}`, cause)
  }
}

/** Loads the YAML library only here, since a client without blueprints has no use for it. */
async function readYaml(file: string): Promise<{ values: Values; lineOf: LineOf }> {
  const text = await readText(file)
  const { isMap, isScalar, LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const problem = document.errors[0]
  if (problem !== undefined) {
    const why = problem.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')
    throw new BlueprintError({ file, line: lines.linePos(problem.pos[0]).line }, `${why}.`, problem)
  }
  const { contents } = document
  if (!isMap(contents)) throw new BlueprintError({ file }, 'A blueprint is a mapping of keys to values.')
  const lineOf: LineOf = (key) => {
    const pair = contents.items.find(({ key: node }) => isScalar(node) && node.value === key)
    return isScalar(pair?.key) && pair.key.range ? lines.linePos(pair.key.range[0]).line : undefined
  }
  return { values: toValues(document, file), lineOf }
}

function toValues(document: { toJS(): unknown }, file: string): Values {
  try {
    return document.toJS() as Values
  } catch (cause) {
    // Aliases that multiply are only found out here.
    throw new BlueprintError(
      { file },
      `${cause instanceof Error ? cause.message : 'It cannot be read.'}`,
      cause,
    )
  }
}

async function readText(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    const why = code === 'ENOENT' ? 'There is no such file.' : `It cannot be read as UTF-8 text (${code}).`
    throw new BlueprintError({ file }, why, cause)
  }
}
