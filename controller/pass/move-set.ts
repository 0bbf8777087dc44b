import { RegistryError } from '../../api/contract/errors.ts'
import { firstNames } from '../../api/contract/first-names.ts'
import { TransportError } from '../../client/transport/transport.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { ChangeOutcome } from '../plan/outcomes.ts'
import type { Plan } from '../plan/plan.ts'
import type { PlannedSet } from '../plan/planned-set.ts'
import { decideSet, dueBefore, type SetDue } from '../state/set-due.ts'
import { callOptions, type LeasedPass } from './pass-input.ts'
import { signNextSet } from './sign-set.ts'

export interface MovedSet {
  /** The move that is still due. */
  readonly due: SetDue
  readonly findings: readonly NewFinding[]
}

/**
 * Moves the source's set to what its prompts serve, after all other changes of the plan. The registry reads the
 * prompts itself: other writers may have changed them meanwhile. `null` if the source was rolled back meanwhile.
 */
export async function moveSet(
  pass: LeasedPass,
  plan: Plan,
  before: SetDue,
  outcomes: Iterable<ChangeOutcome>,
): Promise<MovedSet | null> {
  const { moves, due, without } = decideSet(before, plan, outcomes)
  if (plan.set === null || !moves) return { due, findings: [] }
  try {
    await send(pass, plan, plan.set)
    return { due, findings: incompleteSet(plan, without) }
  } catch (error) {
    pass.signal.throwIfAborted()
    if (!(error instanceof RegistryError || error instanceof TransportError)) throw error
    const code = error instanceof RegistryError ? error.code : null
    if (code === 'settling') return null
    // An older registry has no sets.
    if (code === 'route_not_found') return { due: null, findings: [] }
    return { due: dueBefore(before, plan.set), findings: [failedMove(plan.source, error.message)] }
  }
}

async function send(pass: LeasedPass, plan: Plan, { release }: PlannedSet): Promise<void> {
  const { api, source, token, signal, signer } = pass
  const made = release === null ? {} : { release: release.tag, version: release.version }
  const request = { ...made, lease_token: token }
  const proof = signer && (await signNextSet(pass, plan, request, signer))
  await api.moveSet(source.name, { ...request, ...(proof && { proof }) }, callOptions(signal))
}

function failedMove(source: string, message: string): NewFinding {
  return {
    code: 'failed',
    subject: { kind: 'source', name: source },
    message: `The set of the source "${source}" did not move and will be retried: ${message}`,
    details: { do: 'set' },
  }
}

/** How many prompts a finding names. */
const MOST_NAMES = 20

function incompleteSet({ source, set }: Plan, without: readonly string[]): NewFinding[] {
  if (without.length === 0) return []
  const of = set?.release == null ? '' : ` of ${set.release.tag}`
  const message = `The set${of} has the earlier version of ${firstNames(without, MOST_NAMES)}, whose promotion keeps failing. Fix the cause; a later pass completes the set.`
  return [
    {
      code: 'set_incomplete',
      subject: { kind: 'source', name: source },
      message,
      details: { ids: without.slice(0, MOST_NAMES) },
    },
  ]
}
