import type { Octokit } from '@octokit/rest'
import { z } from 'zod'
import { backoffMs } from '../../../api/contract/retry.ts'
import { parse } from './answers.ts'
import { notUnderstood, refusedBy } from './errors.ts'
import { type ApiOptions, type Ask, type QueryOptions, requestOptions } from './request-options.ts'

const graphqlAnswer = z.object({
  repository: z.unknown(),
})

export interface GraphqlQuestion extends QueryOptions {
  readonly operation: string
  readonly fields: string
}

/** See `GitHubApi.query`. */
export async function graphqlQuery<T>(
  octokit: Octokit,
  ask: Ask,
  { address, limits, pause, random, secrets, transport }: ApiOptions,
  { operation, fields, signal, mostBytes }: GraphqlQuestion,
  schema: z.ZodType<T>,
): Promise<T> {
  const { owner, name } = address
  const query = `query ${operation}($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { ${fields} } }`
  for (let attempt = 1; ; attempt++) {
    const answer = await ask(
      () =>
        octokit
          .graphql(query, {
            ...{ operationName: operation, owner, name },
            request: requestOptions(transport, { signal, mostBytes }),
          })
          .then((data) => ({ data, errors: [] }), partialAnswer),
      signal,
    )
    const [first] = answer.errors
    if (first === undefined) return parse(schema, parse(graphqlAnswer, answer.data).repository)
    const words = secrets.scrub(answer.errors.map(({ message }) => message).join('; '))
    if (first.type === 'NOT_FOUND' && first.path?.join() === 'repository')
      throw refusedBy(404, `${owner}/${name}`, words)
    if (first.type === 'FORBIDDEN') throw refusedBy(403, `${owner}/${name}`, words)
    // For example a query that took too long, or (RATE_LIMITED) one for which the transport waits now.
    if (attempt > limits.retries) throw notUnderstood(words)
    await pause(backoffMs(attempt, limits.backoff, random()), signal).catch(() => undefined)
  }
}

const graphqlErrors = z.array(
  z.object({
    message: z.string(),
    type: z.string().optional(),
    path: z.array(z.union([z.string(), z.number()])).optional(),
  }),
)

/** GraphQL returns errors with status 200, beside partial data. */
function partialAnswer(error: unknown): { data: unknown; errors: z.infer<typeof graphqlErrors> } {
  if (!(error instanceof Error && error.name === 'GraphqlResponseError' && 'errors' in error)) throw error
  const errors = graphqlErrors.safeParse(error.errors)
  return { data: undefined, errors: errors.success ? errors.data : [{ message: 'an unreadable error' }] }
}
