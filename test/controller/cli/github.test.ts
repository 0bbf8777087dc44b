import { generateKeyPairSync } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { TOKEN } from '../../support/github/source.ts'
import { startGitHub } from '../../support/github/start.ts'
import { configure, makeCli, words } from './cli-under-test.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

/** A configured source of a repository on GitHub; `fields` are its own beside name, repository and interface. */
async function makeGitHub(fields: string) {
  const cli = await makeCli()
  const repository = await createRepository(`${cli.folder}/hosted`)
  await repository.commit({ 'prompts/a.txt': 'first', 'prompts/b.txt': 'other' })
  await repository.tag('v1.0.0')
  const github = await startGitHub({
    repositoryPath: repository.path,
    ...{ owner: 'acme', name: 'prompts', token: TOKEN, app: { appId: 4711, installationId: 12, publicKey } },
  })
  onTestFinished(() => github.close())
  const place = `repository: "https://github.com/acme/prompts", apiUrl: "${github.url}"`
  await configure(cli.folder, [`{ name: demo, ${place}, ${fields} }`])
  return { ...cli, repository, github }
}

const SYNCED = { code: 0, err: '' }

test("sync reads a repository through GitHub's API, with a token", async () => {
  const { run, github } = await makeGitHub('type: github, credentials: { passwordEnv: GH }')
  const env = { GH: TOKEN }
  expect(await run(['sync'], { env })).toMatchObject(SYNCED)
  expect((await run(words('get a --mode production'), { env })).out).toBe('first')
  expect(github.requests.map(({ operation }) => operation)).toContain(
    'GET /repos/{owner}/{repo}/git/matching-refs/{ref}',
  )
  expect((await run(['plan'], { env })).out).toContain('nothing to change')
})

test('sync reads it with the key of a GitHub App, without a configured type', async () => {
  const { run } = await makeGitHub('credentials: { appId: 4711, privateKeyEnv: KEY }')
  expect(await run(['sync'], { env: { KEY: privateKey } })).toMatchObject(SYNCED)
})

test('sources shows the remaining requests of the host', async () => {
  const { run } = await makeGitHub('type: github, credentials: { passwordEnv: GH }')
  await run(['sync'], { env: { GH: TOKEN } })
  const page = (await run(words('sources demo'))).out
  expect(page).toMatch(/quota +49\d\d of 5000 requests left \(core\), reset at \d{4}-\d\d-\d\d \d\d:\d\d/)
  expect(page).toMatch(/quota +\d+ of 5000 requests left \(graphql\)/)
})

test('sources shows an exhausted rate limit', async () => {
  const { run, github } = await makeGitHub('type: github, credentials: { passwordEnv: GH }')
  const reset = Math.ceil(Date.now() / 1000) + 3000
  const headers = {
    'x-ratelimit-resource': 'core',
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(reset),
  }
  const body = { message: 'API rate limit exceeded' }
  github.intercept = () => ({ status: 403, headers, body })
  const { code, out } = await run(['sync'], { env: { GH: TOKEN } })
  expect([code, out]).toEqual([1, expect.stringContaining('GitHub limits requests until')])
  expect((await run(words('sources demo'))).out).toContain('0 of 5000 requests left (core)')
})

test('git cannot use the key of a GitHub App', async () => {
  const { run } = await makeGitHub('type: git, credentials: { appId: 4711, privateKeyEnv: KEY }')
  const { code, err } = await run(['sync'], { env: { KEY: privateKey } })
  expect([code, err]).toEqual([2, expect.stringContaining('GitHub App, which git cannot use')])
})

test('a source without credentials for the API fails alone, and names what it needs', async () => {
  const { run, folder, github } = await makeGitHub('type: github')
  const local = await createRepository(`${folder}/local`)
  await local.commit({ 'prompts/c.txt': 'third' })
  const wanting = `{ name: demo, type: github, repository: acme/prompts, apiUrl: "${github.url}" }`
  await configure(folder, [wanting, '{ name: other, repository: ./local }'])
  const { code, out } = await run(['sync'])
  expect(code).toBe(1)
  expect(out).toContain('Add a token, or the id and key of a GitHub App')
  expect((await run(words('get c --mode dev'))).out).toBe('third')
})
