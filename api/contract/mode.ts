import { RegistryError } from './errors.ts'

/**
 * Which versions a reader sees: `simulation` and `dev` include drafts, `staging` and `production` only released
 * versions.
 */
export const MODES = ['simulation', 'dev', 'staging', 'production'] as const
export type Mode = (typeof MODES)[number]

/** Mode names of the platform's execution engine. */
const OTHER_NAMES: ReadonlyMap<string, Mode> = new Map([
  ['backtest', 'simulation'],
  ['paper', 'staging'],
  ['live', 'production'],
])

/** Throws `invalid_mode`. */
export function parseMode(text: string): Mode {
  const mode = MODES.find((known) => known === text) ?? OTHER_NAMES.get(text)
  if (mode !== undefined) return mode
  throw new RegistryError(
    'invalid_mode',
    `"${text}" is not a mode; use one of ${MODES.join(', ')} (or backtest, paper, live).`,
  )
}

export function seesDrafts(mode: Mode): boolean {
  return mode === 'simulation' || mode === 'dev'
}

/**
 * The mode of a request in a deployment that allows only `allowed`. Default: `production` if allowed, else the
 * strictest allowed mode. Throws `invalid_mode` or `mode_not_allowed`.
 */
export function effectiveMode(requested: string | undefined, allowed: readonly Mode[]): Mode {
  if (requested === undefined)
    return [...MODES].reverse().find((mode) => allowed.includes(mode)) ?? 'production'
  const mode = parseMode(requested)
  if (allowed.includes(mode)) return mode
  throw new RegistryError(
    'mode_not_allowed',
    `This registry does not serve mode "${mode}"; use one of ${allowed.join(', ')}.`,
  )
}
