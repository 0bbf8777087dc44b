import { expect, onTestFinished, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import type { ShownMerge } from '../../support/github/shown.ts'
import { TOKEN } from '../../support/github/source.ts'
import { startGitHub } from '../../support/github/start.ts'
import { configure, makeCli, words } from './cli-under-test.ts'

const REVIEWS: ShownMerge['reviews'] = [
  { author: 'grace', state: 'APPROVED', mayWrite: true },
  { author: 'stranger', state: 'APPROVED', mayWrite: false },
  { author: 'alan', state: 'CHANGES_REQUESTED', mayWrite: true },
  { author: null, state: 'APPROVED', mayWrite: true },
]

/** A repository on GitHub with one prompt, whose first commit has the tag v1.0.0. */
async function makeGitHub(fields: string) {
  const cli = await makeCli()
  const repository = await createRepository(`${cli.folder}/hosted`)
  const first = await repository.commit({ 'prompts/a.txt': 'first' })
  await repository.tag('v1.0.0')
  const github = await startGitHub({
    repositoryPath: repository.path,
    ...{ owner: 'acme', name: 'prompts', token: TOKEN },
  })
  onTestFinished(() => github.close())
  const place = `repository: "https://github.com/acme/prompts", apiUrl: "${github.url}"`
  await configure(cli.folder, [`{ name: demo, ${place}, credentials: { passwordEnv: GH }, ${fields} }`])
  const merge = (number: number, commits: string[], more: Partial<ShownMerge> = {}) =>
    github.shown().pullRequests.push({
      ...{ number, base: 'main', state: 'closed', fork: false },
      merge: { commits, at: `2026-01-0${number}T00:00:00Z`, author: 'ada', reviews: REVIEWS, ...more },
    })
  const sync = () => cli.run(['sync'], { env: { GH: TOKEN } })
  const pullRequests = async () => {
    const { events } = JSON.parse((await cli.run(words('events a -o json'))).out)
    const promoted = events.filter(({ type }: { type: string }) => type === 'promoted')
    return promoted.map(({ details }: { details: object }) =>
      'pull_request' in details ? details.pull_request : 'unknown',
    )
  }
  const asked = () => github.requests.filter(({ operation }) => operation === 'query ReadPullRequests').length
  return { ...cli, repository, first, github, merge, sync, pullRequests, asked }
}

/** A stream for `git fast-import`: commits after `first`, each with a tag from v1.1.0. */
function manyReleases(first: string, count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const text = `text ${index}`
    return [
      ...[
        'commit refs/heads/main',
        `mark :${index + 1}`,
        'committer Cleo <cleo@example.com> 1767225600 +0000',
      ],
      ...['data 0', `from ${index === 0 ? first : `:${index}`}`, 'M 100644 inline prompts/a.txt'],
      ...[`data ${text.length}`, text, `reset refs/tags/v1.${index + 1}.0`, `from :${index + 1}`, ''],
    ].join('\n')
  }).join('\n')
}

test('the events of a release name its pull request, the author, and those with write access who approved', async () => {
  const { repository, first, merge, sync, pullRequests, asked } = await makeGitHub('type: github')
  merge(1, [first])
  await sync()
  expect(await pullRequests()).toEqual([{ number: 1, author: 'ada', approved_by: ['grace'] }])
  await repository.commit({ 'prompts/a.txt': 'second' })
  await repository.tag('v2.0.0')
  await sync()
  expect(await pullRequests()).toEqual([null, { number: 1, author: 'ada', approved_by: ['grace'] }])
  expect(asked()).toBe(2)
  await sync()
  expect(asked()).toBe(2)
})

test('of several pull requests with the commit, the one whose merge made it counts', async () => {
  const { first, merge, sync, pullRequests } = await makeGitHub('type: github')
  merge(1, [first], { author: null, reviews: [] })
  merge(2, [first, 'f'.repeat(40)])
  await sync()
  expect(await pullRequests()).toEqual([{ number: 1, author: null, approved_by: [] }])
})

test('else the one that was merged last counts', async () => {
  const { first, merge, sync, pullRequests } = await makeGitHub('type: github')
  merge(3, [first, 'f'.repeat(40)], { reviews: [] })
  merge(2, [first, 'e'.repeat(40)])
  await sync()
  expect(await pullRequests()).toEqual([{ number: 3, author: 'ada', approved_by: [] }])
})

test('a hundred older releases are looked up at most, in queries of 25', async () => {
  const { repository, first, sync, asked, run } = await makeGitHub('type: github, backfill: 200')
  await repository.gitWith(manyReleases(first, 110), 'fast-import', '--quiet')
  expect(await sync()).toMatchObject({ code: 0 })
  expect(asked()).toBe(4)
  const { events } = JSON.parse((await run(words('events a -o json'))).out)
  const looked = events.filter(
    ({ details }: { details: object | null }) => details && 'pull_request' in details,
  )
  expect(new Set(looked.map(({ details }: { details: { tag: string } }) => details.tag)).size).toBe(100)
})

test.each([
  ['a refusal', { status: 403, body: { message: 'Resource not accessible by integration' } }],
  [
    'an answer of another shape',
    { status: 200, body: { data: { repository: { o0: { associatedPullRequests: 1 } } } } },
  ],
])('%s does not stop the pass, which warns and leaves the approval unknown', async (_, answer) => {
  const { github, sync, pullRequests } = await makeGitHub('type: github')
  github.intercept = (operation) => (operation === 'query ReadPullRequests' ? answer : undefined)
  const { code, err } = await sync()
  expect(code).toBe(0)
  expect(err).toMatch(/^demo: the pull requests of its releases are unknown: .+\n$/)
  expect(await pullRequests()).toEqual(['unknown'])
})

test('a refusal names the missing permission', async () => {
  const { github, sync } = await makeGitHub('type: github')
  const errors = [{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }]
  github.intercept = (operation) =>
    operation === 'query ReadPullRequests'
      ? { status: 200, body: { data: { repository: null }, errors } }
      : undefined
  expect((await sync()).err).toContain('Allow the token or the App to read pull requests of this repository.')
})

test('what GitHub leaves out of its answer is no approval', async () => {
  const { first, github, merge, sync, pullRequests } = await makeGitHub('type: github')
  merge(1, [first])
  github.alter = (operation, answer) => {
    if (operation !== 'query ReadPullRequests') return answer
    const body = structuredClone(answer.body) as {
      data: { repository: { o0: { associatedPullRequests: { nodes: (object | null)[] } } } }
    }
    const { nodes } = body.data.repository.o0.associatedPullRequests
    nodes.unshift(null)
    Object.assign(nodes[1] ?? {}, { latestOpinionatedReviews: { nodes: [null] } })
    return { ...answer, body }
  }
  await sync()
  expect(await pullRequests()).toEqual([{ number: 1, author: 'ada', approved_by: [] }])
})
