import { RegistryError } from './errors.ts'

/** What a reader may see: `simulation` and `dev` see drafts, `staging` and `production` only what was released. */
export const MODES = ['simulation', 'dev', 'staging', 'production'] as const
export type Mode = (typeof MODES)[number]

/** Names that the platform's execution engine uses. */
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
 * The mode of a request in a deployment that answers only `allowed`. Without a mode it is production where that
 * is allowed, else the strictest allowed. Throws `invalid_mode`, `mode_not_allowed`.
 */
export function effectiveMode(requested: string | undefined, allowed: readonly Mode[]): Mode {
  if (requested === undefined)
    return [...MODES].reverse().find((mode) => allowed.includes(mode)) ?? 'production'
  const mode = parseMode(requested)
  if (allowed.includes(mode)) return mode
  throw new RegistryError(
    'mode_not_allowed',
    `This registry does not answer in mode "${mode}"; it answers in ${allowed.join(', ')}.`,
  )
}
