import { expect } from 'vitest'
import type { RegistryApi, SourceRecordRequest } from '../../../api/contract/registry-api.ts'
import { parseState } from '../../../controller/state/source-state.ts'
import { intercept } from '../planned-journey.ts'
import type { History } from './history.ts'
import type { Surroundings } from './trouble.ts'

export type WriterName = 'first' | 'second'

/** Two writers that sync a repository into a registry, each with its own view of the repository. */
export interface Writers extends Readonly<Record<WriterName, Surroundings>> {
  /** Checks that nobody settled refs older than those settled already. */
  expectOrder(): void
}

export function createWriters(api: RegistryApi, history: History): Writers {
  /** In the units of `History.moves`. */
  let settled = 0
  let early = false
  const create = (): Surroundings => {
    const git = history.repository.newSource()
    let seen = 0
    return {
      git: {
        ...git,
        listRefs(signal) {
          seen = history.moves
          return git.listRefs(signal)
        },
      },
      api: intercept(api, async (method, call, [, request]) => {
        const answer = await call()
        if (method === 'recordSource' && isSettling(request as SourceRecordRequest)) {
          early ||= seen < settled
          settled = seen
        }
        return answer
      }),
    }
  }
  return {
    first: create(),
    second: create(),
    expectOrder: () => expect(early, 'older refs were settled after newer ones').toBe(false),
  }
}

/** Whether this record ends a pass that has nothing left to retry. */
function isSettling({ state, lease_token }: SourceRecordRequest): boolean {
  const known = parseState(state)
  return lease_token !== undefined && known !== null && known.retry === null && known.begun === null
}
