import { exampleOf, type Json } from '../description.ts'
import type { ShownComment } from '../shown.ts'
import type { Endpoint } from '../types.ts'
import { notFound, refused } from '../types.ts'
import { paged } from './paging.ts'

const MOST_CHARACTERS = 65_536

export const comments: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
  answer(call) {
    const number = Number(call.parameters.issue_number)
    const below = call.repository.shown.comments.filter((comment) => comment.pullRequest === number)
    return paged(call, below.map(describe))
  },
}

export const createComment: Endpoint = {
  operation: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
  answer({ parameters, body, repository: { shown }, viewer }) {
    const pullRequest = Number(parameters.issue_number)
    if (!shown.pullRequests.some(({ number }) => number === pullRequest)) return notFound
    const text = (body as { body: string }).body
    if ([...text].length > MOST_CHARACTERS) return refused('body is too long')
    const id = 1 + Math.max(0, ...shown.comments.map((comment) => comment.id))
    const comment = { id, pullRequest, body: text, author: viewer }
    shown.comments.push(comment)
    return { status: 201, body: describe(comment) }
  },
}

export const updateComment: Endpoint = {
  operation: 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}',
  answer({ parameters, body, repository: { shown } }) {
    const index = shown.comments.findIndex(({ id }) => String(id) === parameters.comment_id)
    const before = shown.comments[index]
    if (before === undefined) return notFound
    const text = (body as { body: string }).body
    if ([...text].length > MOST_CHARACTERS) return refused('body is too long')
    shown.comments[index] = { ...before, body: text }
    return { status: 200, body: describe({ ...before, body: text }) }
  },
}

function describe({ id, body, author }: ShownComment): Json {
  const example = exampleOf(createComment.operation)
  const { id: userId, login, type, appId } = author
  return {
    ...example,
    ...{ id, body },
    user: { ...(example.user as Json), id: userId, login, type },
    performed_via_github_app: appId === undefined ? null : appOf(appId),
  }
}

function appOf(id: number): Json {
  const owner = exampleOf(createComment.operation).user
  return {
    ...{ id, slug: 'prompt-registry', node_id: 'A_1', name: 'prompt-registry', owner, description: null },
    ...{ external_url: 'https://example.com', html_url: 'https://github.com/apps/prompt-registry' },
    ...{ created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' },
    ...{ permissions: { pull_requests: 'write' }, events: [] },
  }
}
