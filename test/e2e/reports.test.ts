import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { gitHttpMissing, startGitHttpServer } from '../support/git-http-server.ts'
import { createRepository } from '../support/git-repository.ts'
import { TOKEN } from '../support/github/source.ts'
import { type GitHubStandIn, startGitHub } from '../support/github/start.ts'
import { scratchFolder } from '../support/scratch.ts'
import { startServing } from '../support/serving.ts'
import { githubDelivery, githubPayloads } from '../support/webhook-deliveries.ts'

const SECRET = 'kept-between-the-two-of-us'
const GIT_LOGIN = { username: 'x-access-token', password: 'only-reads' }

/** One repository, which git serves over HTTP and a GitHub of its own shows beside it. */
async function setUp() {
  const folder = await scratchFolder()
  const repository = await createRepository(join(folder, 'work'))
  await mkdir(join(folder, 'served', 'acme'), { recursive: true })
  await symlink(join(repository.path, '.git'), join(folder, 'served', 'acme', 'prompts.git'))
  const git = await startGitHttpServer({ root: join(folder, 'served'), login: GIT_LOGIN })
  const github = await startGitHub({ repositoryPath: repository.path, token: TOKEN })
  onTestFinished(async () => {
    await git.close()
    await github.close()
  })
  await writeFile(
    join(folder, 'promptctl.yaml'),
    `registry: { file: registry.db }
sources:
  - name: demo
    type: git
    repository: ${git.url}/acme/prompts.git
    apiUrl: ${github.url}
    schedule: 1h
    credentials: { passwordEnv: GIT_PASSWORD }
    reports: { statuses: true, pullRequests: true, credentials: { passwordEnv: REPORTS_TOKEN } }
    webhook: { host: github, secretEnv: HOOK_SECRET }
`,
  )
  return { folder, repository, github }
}

/** Resolves when the next one of these was answered well. */
function answered(github: GitHubStandIn, part: string): Promise<void> {
  return new Promise((resolve) => {
    github.alter = (operation, answer) => {
      if (operation.includes(part) && answer.status < 300) resolve()
      return answer
    }
  })
}

test('a running controller that reads with git says on GitHub what becomes of commits and pull requests', async (context) => {
  const missing = gitHttpMissing()
  if (missing !== undefined && process.env.REQUIRE_ALL !== '1') return context.skip(missing)
  const { folder, repository, github } = await setUp()
  const released = await repository.commit({ 'prompts/a.txt': 'a\n' })
  await repository.tag('v1.0.0')
  await repository.git('checkout', '--quiet', '-b', 'topic')
  const propose = async (text: string) => {
    await repository.git('checkout', '--quiet', 'topic')
    await repository.git('update-ref', 'refs/pull/3/head', await repository.commit({ 'prompts/a.txt': text }))
    await repository.git('checkout', '--quiet', 'main')
  }
  await propose('proposed\n')
  github.shown().pullRequests.push({ number: 3, base: 'main', state: 'open', fork: false })

  const created = answered(github, 'POST /repos/{owner}/{repo}/issues')
  const env = { GIT_PASSWORD: GIT_LOGIN.password, REPORTS_TOKEN: TOKEN, HOOK_SECRET: SECRET }
  const serving = startServing(folder, ['--port', '0'], env)
  const out = await serving.until(/demo: synced at/)
  await created
  expect(github.shown().statuses).toMatchObject([
    { sha: released, context: 'prompt-registry/demo', state: 'pending' },
    { sha: released, context: 'prompt-registry/demo', state: 'success', description: '1 pushed, 1 promoted' },
    { sha: released, context: 'prompt-registry/demo/release', description: 'v1.0.0: 1 promoted' },
  ])
  expect(github.shown().comments.map(({ body }) => body)).toEqual([expect.stringContaining('+proposed')])

  await propose('proposed again\n')
  const updated = answered(github, 'PATCH /repos/{owner}/{repo}/issues/comments')
  const hook = /Webhooks for demo from GitHub: (http:\S+\/webhooks\/demo)\n/.exec(out)?.[1] ?? ''
  const { headers, body } = githubDelivery('pull_request', githubPayloads('pull_request')[0], SECRET)
  expect((await fetch(hook, { method: 'POST', headers, body: new Uint8Array(body) })).status).toBe(202)
  await updated
  expect(github.shown().comments.map(({ body: text }) => text)).toEqual([
    expect.stringContaining('+proposed again'),
  ])
})
