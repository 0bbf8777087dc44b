import { RegistryError } from '../../api/contract/errors.ts'
import type { GitSnapshot } from '../source/git-source.ts'
import { dueKind, type Moment } from '../state/due-pass.ts'
import { configDigest, isHidden, parseState } from '../state/source-state.ts'
import { inFreeze } from '../values/freeze.ts'
import { callOptions, type PassInput } from './pass-input.ts'

/**
 * Reads the state from the registry, then lists the refs. In the opposite order, another writer could record newer
 * refs in between, and this pass would not notice that its own are older.
 */
export async function observe(input: PassInput): Promise<Moment> {
  const { api, git, source, now, signal } = input
  const document = await (input.document ?? api.source(source.name, callOptions(signal)))
  if (isHidden(document)) throw hiddenState(source.name)
  const listing = await git.listRefs(signal)
  return {
    document,
    state: parseState(document.state),
    listing,
    configDigest: configDigest(source),
    now: now(),
    frozenUntil: inFreeze(source.freeze, now()),
  }
}

function hiddenState(name: string): RegistryError {
  return new RegistryError(
    'forbidden',
    `The registry hides the state of the source "${name}" from this token, which sees no drafts. Use a token with write access.`,
  )
}

/** The moment of a pass that has nothing to do. */
export type SettledMoment = Moment & { readonly state: NonNullable<Moment['state']> }

export function isSettled(moment: Moment, input: PassInput): moment is SettledMoment {
  return moment.state !== null && dueKind(moment, input) === 'none'
}

/** The same refs with the state that the registry has now. */
export async function refresh({ api, source, signal }: PassInput, moment: Moment): Promise<Moment> {
  const document = await api.source(source.name, callOptions(signal))
  return { ...moment, document, state: parseState(document.state) }
}

/** Opens the listing's commits for `work`, and closes them afterwards. */
export async function withSnapshot<T>(
  input: PassInput,
  moment: Moment,
  work: (snapshot: GitSnapshot) => Promise<T>,
): Promise<T> {
  const snapshot = await input.git.open(moment.listing, input.signal)
  try {
    return await work(snapshot)
  } finally {
    await snapshot.close()
  }
}
