import type { Octokit } from '@octokit/rest'
import { z } from 'zod'
import { parse } from './answers.ts'
import type { ApiOptions, Ask } from './api.ts'
import { notUnderstood, refusedBy } from './errors.ts'

const graphqlAnswer = z.object({
  repository: z.unknown(),
})

export interface Question {
  readonly operation: string
  readonly fields: string
  readonly signal?: AbortSignal | undefined
}

/** See `GitHubApi.query`. */
export async function graphqlQuery<T>(
  octokit: Octokit,
  ask: Ask,
  { address, limits, pause, secrets }: ApiOptions,
  { operation, fields, signal }: Question,
  schema: z.ZodType<T>,
): Promise<T> {
  const { owner, name } = address
  const query = `query ${operation}($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { ${fields} } }`
  for (let attempt = 0; ; attempt++) {
    const answer = await ask(
      () =>
        octokit
          .graphql(query, { operationName: operation, owner, name, request: { ...(signal && { signal }) } })
          .then((data) => ({ data, errors: [] }), partialAnswer),
      signal,
    )
    const [first] = answer.errors
    if (first === undefined) return parse(schema, parse(graphqlAnswer, answer.data).repository)
    const words = secrets.scrub(answer.errors.map(({ message }) => message).join('; '))
    if (first.type === 'NOT_FOUND' && first.path?.join() === 'repository')
      throw refusedBy(404, `${owner}/${name}`, words)
    if (first.type === 'FORBIDDEN') throw refusedBy(403, `${owner}/${name}`, words)
    // Such as a query that took too long, or (RATE_LIMITED) one for which the transport waits now.
    if (attempt >= limits.retries) throw notUnderstood(words)
    await pause(limits.retryMs * 2 ** attempt, signal).catch(() => undefined)
  }
}

const graphqlErrors = z.array(
  z.object({
    message: z.string(),
    type: z.string().optional(),
    path: z.array(z.union([z.string(), z.number()])).optional(),
  }),
)

/** GraphQL tells of errors in an answer with status 200, beside whatever it did find. */
function partialAnswer(error: unknown): { data: unknown; errors: z.infer<typeof graphqlErrors> } {
  if (!(error instanceof Error && error.name === 'GraphqlResponseError' && 'errors' in error)) throw error
  const errors = graphqlErrors.safeParse(error.errors)
  return { data: undefined, errors: errors.success ? errors.data : [{ message: 'an unreadable error' }] }
}
