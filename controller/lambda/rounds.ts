import { ConfigError, type SourceConfig } from '../config.ts'
import type { Surroundings } from '../configuration/surroundings.ts'
import type { Wishes } from '../pass/pass.ts'
import type { PassInput } from '../pass/pass-input.ts'
import { failureReport, type PassReport } from '../pass/pass-report.ts'
import { runPass } from '../pass/run-pass.ts'
import { runRound } from '../rounds/run-round.ts'
import { createTurns } from '../rounds/turns.ts'
import type { Repository } from '../wiring/repositories.ts'
import { byPlace } from './due.ts'
import type { Secrets } from './secrets.ts'
import { variablesIn } from './variables.ts'

export interface RoundsParts {
  readonly secrets: Secrets
  readonly surroundings: Omit<Surroundings, 'signal'>
  /** Wires what passes of these sources work with. Throws `ConfigError`. */
  readonly repositories: (
    sources: readonly SourceConfig[],
    surroundings: Surroundings,
  ) => readonly Repository[]
  /** Told of each pass as it ends. */
  readonly report: (report: PassReport) => void
}

/** A pass of each of these sources, in any order. Rejects with the reason of the signal, else never. */
export type RunRounds = (
  sources: readonly SourceConfig[],
  wishes: Wishes,
  signal: AbortSignal,
) => Promise<readonly PassReport[]>

const PLACES_AT_ONCE = 4

/** Each repository is worked on for itself: one whose secret is missing leaves the others alone. */
export function createRounds(parts: RoundsParts): RunRounds {
  return async (sources, wishes, signal) => {
    const inTurn = createTurns(PLACES_AT_ONCE)
    const reports = byPlace(sources).map((group) => inTurn(() => roundsAt(group, wishes, signal, parts)))
    return (await Promise.all(reports)).flat()
  }
}

async function roundsAt(
  sources: readonly SourceConfig[],
  wishes: Wishes,
  signal: AbortSignal,
  parts: RoundsParts,
): Promise<PassReport[]> {
  const { secrets, repositories, report } = parts
  const { now, env } = parts.surroundings
  const pass = async (input: PassInput) => {
    const passed = await runPass({ ...input, ...wishes })
    report(passed)
    return passed
  }
  try {
    const secretEnv = await secrets(sources.flatMap(({ webhook: _, ...rest }) => variablesIn(rest)))
    const surroundings = { ...parts.surroundings, env: { ...env, ...secretEnv }, signal }
    const reports: PassReport[] = []
    for (const { git, members } of repositories(sources, surroundings))
      reports.push(...(await runRound(git, members, pass)))
    return reports
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const failed = sources.map(({ name }) => failureReport(name, error.message, now(), now()))
    for (const one of failed) report(one)
    return failed
  }
}
