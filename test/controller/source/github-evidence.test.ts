import { describe, expect, test } from 'vitest'
import { EVIDENCE_REFS } from '../../../controller/source/git-source.ts'
import type { GitHubSource } from '../../../controller/source/github/index.ts'
import { type GitHubWorld, withGitHub } from '../../support/github/world.ts'

const LIST = 'GET /git/matching-refs/{ref}'
const RUNS = 'GET /commits/{ref}/check-runs'

async function withSnapshot<T>(
  git: GitHubSource,
  work: (snapshot: Awaited<ReturnType<GitHubSource['open']>>) => Promise<T>,
): Promise<T> {
  const snapshot = await git.open(await git.listRefs())
  try {
    return await work(snapshot)
  } finally {
    await snapshot.close()
  }
}

test('a listing with evidence is one request more, which costs no quota while nothing moves', () =>
  withGitHub(async ({ repository, github, source, asked }) => {
    const commit = await repository.commit({ 'a.txt': '1' })
    await repository.git('update-ref', `${EVIDENCE_REFS}a`, commit)
    const git = source({ branch: 'main', evidence: true })
    const first = await git.listRefs()
    asked()
    const { remaining } = github.quota.core
    expect(await git.listRefs()).toEqual(first)
    expect(asked()).toEqual([`${LIST} 304`, 'GET /git/ref/{ref} 304', `${LIST} 304`])
    expect(github.quota.core.remaining).toBe(remaining)
  }))

describe('check runs', () => {
  const run = (sha: string, different: object = {}) => ({
    ...{ sha, name: 'evals / support', appId: 1, conclusion: 'success' },
    ...{ completedAt: '2026-05-01T00:00:00Z', ...different },
  })

  const started = async ({ repository, github }: GitHubWorld) => {
    const commit = await repository.commit({ 'a.txt': '1' })
    return { commit, runs: github.shown().checkRuns }
  }

  test('are the newest of each App on the commit, with the name', () =>
    withGitHub(async (world) => {
      const { commit, runs } = await started(world)
      const other = await world.repository.commit({ 'a.txt': '2' })
      runs.push(
        run(commit, { conclusion: 'failure' }),
        run(commit),
        run(commit, { name: 'lint' }),
        run(other),
      )
      runs.push(run(commit, { appId: 2, conclusion: null, completedAt: null }))
      const found = await withSnapshot(
        world.source(),
        (snapshot) => snapshot.checkRuns?.(commit, 'evals / support') ?? Promise.resolve([]),
      )
      expect(found).toEqual([
        { name: 'evals / support', appId: 1, conclusion: 'success', completedAt: '2026-05-01T00:00:00Z' },
        { name: 'evals / support', appId: 2, conclusion: null, completedAt: null },
      ])
      expect(world.asked().filter((one) => one === RUNS)).toHaveLength(1)
    }))

  test('of many Apps are read page by page', () =>
    withGitHub(async (world) => {
      const { commit, runs } = await started(world)
      runs.push(...Array.from({ length: 230 }, (_, index) => run(commit, { appId: index + 1 })))
      const found = await withSnapshot(
        world.source(),
        (snapshot) => snapshot.checkRuns?.(commit, 'evals / support') ?? Promise.resolve([]),
      )
      expect(found.map(({ appId }) => appId)).toEqual(Array.from({ length: 230 }, (_, index) => index + 1))
    }))

  test.each([
    [
      403,
      'unauthorized',
      /does not let this source read check runs\. Allow the token or the App to read "Checks"/,
    ],
    [404, 'unauthorized', /does not let this source read check runs/],
    [422, 'object_missing', /GitHub has no commit/],
    [500, 'unreachable', /failed to answer/],
  ])('that GitHub refuses with %d are an error with the next step', (status, code, message) =>
    withGitHub(async (world) => {
      const { commit } = await started(world)
      world.github.intercept = (operation) =>
        operation.includes('check-runs') ? { status, body: { message: 'Refused' } } : undefined
      await withSnapshot(world.source(), async (snapshot) => {
        await expect(snapshot.checkRuns?.(commit, 'x')).rejects.toMatchObject({
          code,
          message: expect.stringMatching(message),
        })
      })
    }),
  )
})
