import { type Config, ConfigError } from '../configuration/config.ts'
import type { PassInput } from '../pass/pass-input.ts'
import { runPass } from '../pass/run-pass.ts'
import { troubleOf } from '../pass/trouble.ts'
import { placeOf } from '../source/repository-address.ts'
import type { Wishes } from '../state/due-pass.ts'
import type { PassReport } from '../state/pass-report.ts'
import { failureReport } from '../state/pass-report.ts'
import type { Runtime } from '../values/runtime.ts'
import { notedSource } from '../watch/noted-source.ts'
import { createPlaceTurns, type NoteStanding } from '../watch/place-turns.ts'
import { runRound } from '../watch/run-round.ts'
import type { Repository } from '../wiring/repositories.ts'
import { byRepository } from './due.ts'
import type { ReadSecrets } from './secrets.ts'
import { variablesIn } from './variables.ts'

export interface RoundsParts {
  readonly secrets: ReadSecrets
  readonly runtime: Omit<Runtime, 'signal'>
  /** Opens the repositories of these sources. Throws `ConfigError`. */
  readonly repositories: (chosen: ChosenSources, runtime: Runtime) => readonly Repository[]
  /** Called after each pass. */
  readonly report: (report: PassReport) => void
}

/** Sources, and who signs their sets. */
export type ChosenSources = Pick<Config, 'sources' | 'proof'>

/** A pass of each of these sources, roughly in their order. Rejects with the reason of the signal, else never. */
export type RunRounds = (
  chosen: ChosenSources,
  wishes: Wishes,
  signal: AbortSignal,
) => Promise<readonly PassReport[]>

/** Repositories at once: of places that answer, and of those that do not or are not known yet. */
const LIMITS = { main: 4, side: 4 }

/** Runs each repository independently, so that a missing secret fails only its own repository. */
export function createRounds(parts: RoundsParts): RunRounds {
  return async ({ sources, proof }, wishes, signal) => {
    const { pause } = parts.runtime
    const takeTurn = createPlaceTurns({ limits: LIMITS, pause })
    const reports = byRepository(sources).map((group) =>
      takeTurn(placeOf(group[0]?.repository ?? ''), (note) =>
        roundsAt({ sources: [...group], proof }, wishes, signal, note, parts),
      ),
    )
    return (await Promise.all(reports)).flat()
  }
}

async function roundsAt(
  { sources, proof }: ChosenSources,
  wishes: Wishes,
  signal: AbortSignal,
  note: NoteStanding,
  parts: RoundsParts,
): Promise<PassReport[]> {
  const { secrets, repositories, report } = parts
  const { now, env } = parts.runtime
  const pass = async (input: PassInput) => {
    const passed = await runPass({ ...input, ...wishes })
    report(passed)
    return passed
  }
  try {
    const secretEnv = await secrets(
      [...sources, { proof }].flatMap((part) => variablesIn({ ...part, webhook: undefined })),
    )
    const runtime = { ...parts.runtime, env: { ...env, ...secretEnv }, signal }
    const reports: PassReport[] = []
    for (const { git, members } of repositories({ sources, proof }, runtime))
      reports.push(...(await runRound(notedSource(git, note), members, pass)))
    return reports
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const time = { startedAt: now(), now: now() }
    const failed = sources.map(({ name }) => failureReport(name, troubleOf(error), time))
    for (const one of failed) report(one)
    return failed
  }
}
