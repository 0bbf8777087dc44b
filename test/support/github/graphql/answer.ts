import type { Answer, HostedRepository, StandInLimits } from '../types.ts'
import { execute } from './execute.ts'
import { parseQuery } from './parse.ts'
import { repositoryObject } from './repository.ts'

export interface GraphqlRequest {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly operationName?: string
}

/** GitHub always returns 200 for a query, with errors in the body. */
export async function answerGraphql(
  { query, variables = {}, operationName }: GraphqlRequest,
  find: (owner: unknown, name: unknown) => HostedRepository | undefined,
  limits: StandInLimits,
): Promise<Answer> {
  try {
    const parsed = parseQuery(query, variables)
    if (operationName !== parsed.operation) throw new Error(`No operation named "${operationName}"`)
    let missing: string | undefined
    const root = {
      __typename: 'Query',
      repository: ({ owner, name }: { owner: string; name: string }) => {
        const found = find(owner, name)
        if (!found) missing = `Could not resolve to a Repository with the name '${owner}/${name}'.`
        return found ? repositoryObject(found, limits) : null
      },
    }
    const data = await execute(root, parsed.selections)
    const errors = [{ type: 'NOT_FOUND', path: ['repository'], message: missing }]
    return { status: 200, body: missing === undefined ? { data } : { data, errors } }
  } catch (error) {
    return { status: 200, body: { errors: [{ message: String((error as Error).message) }] } }
  }
}
