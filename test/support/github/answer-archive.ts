import type { IncomingMessage, ServerResponse } from 'node:http'
import { send } from './http.ts'
import { finder, type State, violated } from './state.ts'
import { type Answer, type HostedRepository, notFound } from './types.ts'

/** The host of archives. Requests need only the address, and must not contain credentials. */
export async function answerArchive(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const [, owner, name, , ref = ''] = url.pathname.split('/')
  const { authorization } = request.headers
  const operation = 'archive'
  const trouble = state.intercept(operation, url.pathname, authorization ?? '')
  if (authorization !== undefined) violated(state, 'the host of archives received credentials')
  if (url.searchParams.get('token') !== `ARCHIVE${ref}`)
    violated(state, 'the token of the archive is missing')
  const repository = finder(state)(owner, name)
  const answer = trouble ?? (repository ? await archiveOf(repository, ref) : notFound)
  state.requests.push({
    method: 'GET',
    path: url.pathname,
    operation,
    status: answer.status,
    authorization,
  })
  send(response, answer, {}, trouble?.cutAfter)
}

async function archiveOf({ owner, name, gitBytes }: HostedRepository, ref: string): Promise<Answer> {
  const prefix = `--prefix=${owner}-${name}-${ref.slice(0, 7)}/`
  return { status: 200, body: await gitBytes('archive', '--format=tar.gz', prefix, ref) }
}
