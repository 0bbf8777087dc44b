import { z } from 'zod'
import type { GitHubAuth } from '../../source/github/authorization.ts'
import type { GitHubClient } from '../../source/github/client.ts'
import { GitHubFailure } from '../../source/github/errors.ts'
import type { HostReports } from '../host-reports.ts'
import { permitted } from './permitted.ts'

const writtenSchema = z.object({ id: z.int() })
const commentSchema = z.object({
  id: z.int(),
  body: z.string().default(''),
  user: z.object({ id: z.int(), type: z.string() }).nullable(),
  performed_via_github_app: z.object({ id: z.int(), client_id: z.string().optional() }).nullish(),
})
type Listed = z.infer<typeof commentSchema>

/** Comments on a pull request. GitHub stores them as comments on an issue. */
export function comments(
  client: GitHubClient,
  auth: GitHubAuth | undefined,
): Pick<HostReports, 'findComment' | 'writeComment'> {
  const { api, secrets } = client
  const isOwn = authorship(client, auth)
  const create = async (pullRequest: number, body: string, signal?: AbortSignal) => {
    const parameters = { issue_number: String(pullRequest) }
    const options = { parameters, body: { body }, signal }
    return (await api.send('POST', 'issues/{issue_number}/comments', writtenSchema, options)).id
  }
  const replace = async (id: number, body: string, signal?: AbortSignal) => {
    const options = { parameters: { comment_id: String(id) }, body: { body }, signal }
    return (await api.send('PATCH', 'issues/comments/{comment_id}', writtenSchema, options)).id
  }
  return {
    async findComment(pullRequest, marker, signal) {
      const parameters = { issue_number: String(pullRequest), per_page: '100' }
      let page = await permitted('read pull requests', () =>
        api.get('issues/{issue_number}/comments', z.array(commentSchema), { parameters, signal }),
      )
      while (page !== 'unchanged') {
        // Anybody can write the marker, so the author must match.
        for (const comment of page.data)
          if (comment.body.startsWith(marker) && (await isOwn(comment, signal)))
            return { id: comment.id, body: comment.body }
        if (page.next === undefined) break
        page = await api.get(page.next, z.array(commentSchema), { signal })
      }
      return null
    },
    writeComment: (pullRequest, id, text, signal) =>
      permitted('write pull requests', async () => {
        const body = secrets.scrub(text)
        if (id === null) return await create(pullRequest, body, signal)
        try {
          return await replace(id, body, signal)
        } catch (error) {
          if (error instanceof GitHubFailure && error.status === 404)
            return await create(pullRequest, body, signal)
          throw error
        }
      }),
  }
}

/** Matches the App by its id and a personal token by its user. For a token without a user, any bot matches. */
function authorship({ api, address }: GitHubClient, auth: GitHubAuth | undefined) {
  let me: Promise<number | null> | undefined
  const whoAmI = async (signal?: AbortSignal) => {
    try {
      const answer = await api.get(`${address.apiUrl}/user`, writtenSchema, { signal })
      return answer === 'unchanged' ? null : answer.data.id
    } catch (error) {
      if (error instanceof GitHubFailure && error.status === 403) return null
      me = undefined
      throw error
    }
  }
  return async ({ user, performed_via_github_app: app }: Listed, signal?: AbortSignal): Promise<boolean> => {
    if (auth !== undefined && 'appId' in auth)
      return app != null && [String(app.id), app.client_id].includes(String(auth.appId))
    me ??= whoAmI(signal)
    const id = await me
    return id === null ? user?.type === 'Bot' : user?.id === id
  }
}
