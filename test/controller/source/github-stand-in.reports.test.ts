import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { TOKEN } from '../../support/github/source.ts'
import { startGitHub } from '../../support/github/start.ts'
import { scratchFolder } from '../../support/scratch.ts'

async function start() {
  const repository = await createRepository(join(await scratchFolder(), 'repo'))
  const commit = await repository.commit({ 'a.txt': 'text' })
  await repository.git('update-ref', 'refs/pull/1/head', commit)
  const github = await startGitHub({ repositoryPath: repository.path, token: TOKEN })
  github.shown().pullRequests.push({ number: 1, base: 'main', state: 'open', fork: false })
  const send = async (method: string, path: string, body: unknown) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const answer = await fetch(`${github.url}/repos/acme/prompts${path}`, init)
    return { status: answer.status, body: await answer.json(), link: answer.headers.get('link') }
  }
  return { github, commit, send }
}

const status = { state: 'success', context: 'c', description: 'd' }

test('refuses a comment of too many characters, and one on a pull request that is not there', async () => {
  const { github, send } = await start()
  onTestFinished(() => github.close())
  const comment = (characters: number) => ({ body: '𝕏'.repeat(characters) })
  expect(await send('POST', '/issues/1/comments', comment(65_536))).toMatchObject({ status: 201 })
  expect(await send('POST', '/issues/1/comments', comment(65_537))).toMatchObject({ status: 422 })
  expect(await send('POST', '/issues/2/comments', comment(1))).toMatchObject({ status: 404 })
})

test('gives comments page by page, each with the address of the next', async () => {
  const { github, send } = await start()
  onTestFinished(() => github.close())
  for (let index = 0; index < 3; index++) await send('POST', '/issues/1/comments', { body: `text ${index}` })
  const first = await send('GET', '/issues/1/comments?per_page=2', undefined)
  expect(first.body).toMatchObject([{ body: 'text 0' }, { body: 'text 1' }])
  expect(first.link).toContain('per_page=2&page=2>; rel="next"')
  const second = await send('GET', '/issues/1/comments?per_page=2&page=2', undefined)
  expect(second).toMatchObject({ body: [{ body: 'text 2' }], link: null })
})

test.each<[string, Readonly<Record<string, string>>, RegExp]>([
  ['a state that there is not', { ...status, state: 'held' }, /state/],
  ['a status without a state', { context: 'c', description: 'd' }, /state/],
  // GitHub refuses these with 422, which its description does not know.
  ['a description that is too long', { ...status, description: 'd'.repeat(141) }, /422/],
  ['a commit that is not there', { ...status, sha: '0'.repeat(40) }, /422/],
])('fails the test for %s', async (_what, { sha, ...body }, says) => {
  const { github, commit, send } = await start()
  expect(await send('POST', `/statuses/${commit}`, status)).toMatchObject({ status: 201 })
  await send('POST', `/statuses/${sha ?? commit}`, body)
  await expect(github.close()).rejects.toThrow(says)
})
