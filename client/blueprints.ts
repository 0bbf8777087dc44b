import type { Environment } from '../api/contract/environment.ts'
import type { Mode } from '../api/contract/mode.ts'
import { type Blueprint, type BlueprintFile, completed, parseBlueprint } from './blueprint.ts'
import { BlueprintError } from './blueprint-error.ts'
import type { TextFiles } from './host.ts'
import type { CallOptions } from './options.ts'
import type { Resolution } from './resolution.ts'
import { readMode } from './settings.ts'

/**
 * For one load of blueprints, instead of the client's own.
 *
 * @example
 * ```ts
 * const agent = await client.loadBlueprint('agents/triage.yaml', { env: { TEAM: 'support' } })
 * ```
 */
export interface BlueprintOptions extends CallOptions {
  /** For `${VAR}` and `${VAR:-default}` (default: the client's environment). */
  readonly env?: Environment | undefined
}

export interface BlueprintsOptions {
  readonly files: TextFiles
  readonly env: Environment
  readonly mode: Mode | undefined
  readonly resolve: (reference: string, options: CallOptions) => Promise<Resolution>
}

/** Blueprints of agents: YAML files whose prompt is a reference. */
export interface Blueprints {
  load(file: string, options?: BlueprintOptions): Promise<Blueprint>
  loadAll(dir: string, options?: BlueprintOptions): Promise<ReadonlyMap<string, Blueprint>>
  get(id: string): Blueprint
}

export function createBlueprints({
  files,
  env: ownEnv,
  mode: ownMode,
  resolve,
}: BlueprintsOptions): Blueprints {
  const known = new Map<string, Blueprint>()

  const read = async (file: string, { env = ownEnv }: BlueprintOptions) => {
    const text = await files.read(file).catch((cause) => {
      const why = cause instanceof Error ? cause.message : cause
      throw new BlueprintError({ file }, `It cannot be read as UTF-8 text (${why}).`, cause)
    })
    if (text === undefined) throw new BlueprintError({ file }, 'There is no such file.')
    return await parseBlueprint(text, file, env)
  }
  const complete = async (blueprint: BlueprintFile, { env: _, ...options }: BlueprintOptions) => {
    const { prompt } = blueprint
    const made = completed(
      blueprint,
      'inline' in prompt ? undefined : await resolve(prompt.reference, options),
    )
    known.set(blueprint.id, made)
    return made
  }
  const modeOf = ({ mode }: BlueprintOptions) =>
    (mode === undefined ? ownMode : readMode(mode)) ?? 'production'

  return {
    async load(file, options = {}) {
      const blueprint = await read(file, options)
      const mode = modeOf(options)
      if (blueprint.modes?.includes(mode) === false) {
        const message = `The blueprint "${blueprint.id}" does not run in mode ${mode}; its execution_modes are ${blueprint.modes.join(', ')}.`
        throw new BlueprintError({ file }, message)
      }
      return await complete(blueprint, options)
    },
    async loadAll(dir, options = {}) {
      const names = (await files.list(dir)).filter((name) => /\.ya?ml$/i.test(name))
      const all = await Promise.all(names.map((name) => read(`${dir}/${name}`, options)))
      const mode = modeOf(options)
      const running = all.filter(({ modes }) => modes?.includes(mode) !== false)
      const twice = running.find(({ id }, n) => running.findIndex((other) => other.id === id) !== n)
      if (twice !== undefined)
        throw new BlueprintError({ file: dir }, `Two blueprints have the id "${twice.id}"; rename one.`)
      return new Map(
        await Promise.all(running.map(async (one) => [one.id, await complete(one, options)] as const)),
      )
    },
    get(id) {
      const found = known.get(id)
      if (found !== undefined) return found
      const names = known.size === 0 ? 'none is' : `${[...known.keys()].join(', ')} are`
      throw new BlueprintError({ file: id }, `This blueprint is not loaded; ${names}.`)
    },
  }
}
