import { generateKeyPairSync } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Reporting } from '../../../controller/pass/pass-input.ts'
import { createGitHubReports } from '../../../controller/report/github/index.ts'
import { createReporting } from '../../../controller/report/reporting.ts'
import type { GitHubAuth, HttpFetch } from '../../../controller/source/github/index.ts'
import { makeController } from '../../support/controller.ts'
import { TOKEN } from '../../support/github/source.ts'
import type { GitHubOptions } from '../../support/github/start.ts'
import { type GitHubWorld, withGitHub } from '../../support/github/world.ts'
import { propose } from './reported-cli.ts'

interface Reported extends GitHubWorld {
  readonly warnings: string[]
  /** One process that goes on: each call is a pass. */
  sync: ReturnType<typeof makeController>['sync']
  /** The same for another process. */
  restart(different?: {
    fetch?: HttpFetch
    timeout?: () => AbortSignal
  }): ReturnType<typeof makeController>['sync']
  put(number: number, commit: string): Promise<void>
}

async function withReports(
  run: (world: Reported) => Promise<void>,
  { auth = { token: TOKEN } as GitHubAuth, ...options }: Partial<GitHubOptions> & { auth?: GitHubAuth } = {},
) {
  await withGitHub(async (world) => {
    const { root, repository, github, clock, source } = world
    const folder = join(root, 'controller')
    await mkdir(folder)
    const controller = makeController({ folder, repository: repository.path })
    const git = source({ auth })
    const warnings: string[] = []
    const reportingOf = (
      { fetch: asks = plainFetch, ...different } = {} as Parameters<Reported['restart']>[0] & {},
    ): Reporting =>
      createReporting({
        ...different,
        host: createGitHubReports({
          ...{ repository: 'acme/prompts', baseUrl: github.url, auth, fetch: asks },
          ...{ now: clock.now, random: () => 0.5, pause: clock.pause },
        }),
        settings: {
          ...{ reporter: 'demo', releases: controller.source.releases, unsignedCount: true, targetUrl: null },
          ...{ statuses: true, pullRequests: true, forks: false },
        },
        warn: (message) => warnings.push(message),
      })
    const process: Reported['restart'] = (different) => {
      const reporting = reportingOf(different)
      return (more = {}) => controller.sync({ git, reporting, ...more })
    }
    await run({
      ...world,
      warnings,
      sync: process(),
      restart: process,
      async put(number, commit) {
        await repository.git('update-ref', `refs/pull/${number}/head`, commit)
        const { pullRequests } = github.shown()
        if (!pullRequests.some((one) => one.number === number))
          pullRequests.push({ number, base: 'main', state: 'open', fork: false })
      },
    })
  }, options)
}

const plainFetch: HttpFetch = (url, init) => fetch(url, init)

/** What reporting asked for, as a pass itself asks for refs. */
const reports = (asked: readonly string[]) =>
  asked.filter((operation) => /status|pulls|comments|compare|user/.test(operation))

test('a pass without moved refs lists pull requests once, which costs no quota', () =>
  withReports(async ({ repository, sync, put, asked, github, warnings }) => {
    await repository.commit({ 'prompts/a.txt': 'a\n' })
    await propose({ repository, propose: put }, 7, { 'prompts/a.txt': 'other\n' })
    await sync()
    expect(reports(asked())).toEqual([
      'POST /statuses/{sha} 201',
      'POST /statuses/{sha} 201',
      'GET /pulls',
      'GET /compare/{basehead}',
      'GET /issues/{issue_number}/comments',
      'POST /issues/{issue_number}/comments 201',
    ])
    const { remaining } = github.quota.core
    expect(await sync()).toMatchObject({ result: 'unchanged' })
    expect(reports(asked())).toEqual(['GET /pulls 304'])
    expect(github.quota.core.remaining).toBe(remaining)
    expect(warnings).toEqual([])
  }))

test('if only the branch moved, an up-to-date comment needs no request', () =>
  withReports(async ({ repository, sync, put, asked }) => {
    await repository.commit({ 'prompts/a.txt': 'a\n', 'prompts/b.txt': 'b\n' })
    await repository.tag('v1.0.0')
    await propose({ repository, propose: put }, 7, { 'prompts/a.txt': 'other\n' })
    await sync()
    await repository.commit({ 'README.md': 'words\n' })
    asked()
    await sync()
    expect(reports(asked())).toEqual(['POST /statuses/{sha} 201', 'GET /pulls', 'GET /compare/{basehead}'])
  }))

test('a closed pull request is forgotten, and gets a comment when reopened', () =>
  withReports(async ({ repository, sync, put, github }) => {
    await repository.commit({ 'prompts/a.txt': 'a\n' })
    await propose({ repository, propose: put }, 7, { 'prompts/a.txt': 'other\n' })
    await sync()
    const { pullRequests, comments } = github.shown()
    const [open] = pullRequests.splice(0)
    await sync()
    if (open !== undefined) pullRequests.push(open)
    await propose({ repository, propose: put }, 7, { 'prompts/a.txt': 'newer\n' })
    await sync()
    expect(comments).toHaveLength(1)
    expect(comments[0]?.body).toContain('+newer')
  }))

test('a deleted comment is written again', () =>
  withReports(async ({ repository, sync, put, github, warnings }) => {
    await repository.commit({ 'prompts/a.txt': 'a\n' })
    await propose({ repository, propose: put }, 7, { 'prompts/a.txt': 'other\n' })
    await sync()
    github.shown().comments.length = 0
    await propose({ repository, propose: put }, 7, { 'prompts/a.txt': 'newer\n' })
    await sync()
    expect(github.shown().comments).toHaveLength(1)
    expect(warnings).toEqual([])
  }))

test('a lost response does not lead to a second comment', () =>
  withReports(async ({ repository, sync, put, github, warnings }) => {
    await repository.commit({ 'prompts/a.txt': 'a\n' })
    await propose({ repository, propose: put }, 7, { 'prompts/a.txt': 'other\n' })
    github.alter = (operation, answer) =>
      operation.startsWith('POST') && operation.includes('comments') ? { ...answer, status: 502 } : answer
    await sync()
    expect(warnings).toEqual([expect.stringMatching(/^cannot comment on pull request 7: GitHub /)])
    github.alter = (_, answer) => answer
    await sync()
    await sync()
    expect(github.shown().comments).toHaveLength(1)
  }))

test('a status that failed during an outage is set after it, with one warning', () =>
  withReports(async ({ repository, sync, github, warnings, asked }) => {
    await repository.commit({ 'prompts/a.txt': 'a\n' })
    await repository.tag('v1.0.0')
    github.intercept = (operation) =>
      operation.includes('/statuses/') ? { status: 500, body: { message: 'down' } } : undefined
    for (let pass = 0; pass < 5; pass++) await sync()
    asked()
    await sync()
    expect(reports(asked())).toEqual(['POST /statuses/{sha} 500', 'GET /pulls 304'])
    expect(warnings).toEqual([expect.stringMatching(/^cannot set a commit status: GitHub failed to answer/)])
    github.intercept = () => undefined
    expect(await sync()).toMatchObject({ result: 'unchanged' })
    expect(github.shown().statuses).toMatchObject([{ state: 'success' }, { state: 'success' }])
  }))

test('a refused status is dropped, with one warning about the missing permission', () =>
  withReports(async ({ repository, sync, github, warnings, asked }) => {
    await repository.commit({ 'prompts/a.txt': 'a\n' })
    github.intercept = (operation) =>
      operation.includes('/statuses/') ? { status: 403, body: { message: 'no' } } : undefined
    await sync()
    asked()
    await sync()
    expect(reports(asked())).toEqual(['GET /pulls 304'])
    expect(warnings).toEqual([
      'cannot set a commit status: GitHub refused this (403). Allow the token or the App to write commit statuses of this repository.',
    ])
  }))

test('another pass over the same commit does not go back to pending, and sets each status once', () =>
  withReports(async ({ repository, sync, github }) => {
    await repository.commit({ 'prompts/a.txt': 'a\n' })
    await repository.tag('v1.0.0')
    for (let pass = 0; pass < 3; pass++) await sync({ force: true })
    expect(
      github.shown().statuses.map(({ state, context, description }) => `${context} ${state}: ${description}`),
    ).toEqual([
      'prompt-registry/demo pending: 2 changes are on the way to the registry',
      'prompt-registry/demo success: 1 pushed, 1 promoted',
      'prompt-registry/demo/release success: v1.0.0: 1 promoted',
      'prompt-registry/demo success: nothing to change',
    ])
  }))

test('held and failed passes are reported on the commit', () =>
  withReports(async ({ repository, sync, github }) => {
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`prompts/${index}.txt`, 'text\n']),
    )
    await repository.commit(files)
    await sync()
    await repository.commit(Object.fromEntries(Object.keys(files).map((path) => [path, null])))
    await repository.tag('v1.0.0')
    expect(await sync()).toMatchObject({ result: 'held' })
    expect(github.shown().statuses.at(-1)).toMatchObject({
      state: 'failure',
      description: expect.stringMatching(/^held: 20 of 20 prompts are gone from the branch/),
    })
    const head = await repository.commit({ ...files, 'prompts/new.txt': 'new\n' })
    await repository.tag('v1.1.0')
    const failing = () => {
      throw new Error('the disk is full')
    }
    expect(await sync({ onOutcomes: failing })).toMatchObject({ result: 'failed' })
    expect(github.shown().statuses.slice(-2)).toMatchObject([
      { sha: head, state: 'pending' },
      { sha: head, state: 'error', description: 'failed: the disk is full' },
    ])
    await sync({ retryNow: true })
    expect(github.shown().statuses.slice(-2)).toMatchObject([
      { sha: head, context: 'prompt-registry/demo', state: 'success' },
      {
        sha: head,
        context: 'prompt-registry/demo/release',
        state: 'success',
        description: 'v1.1.0: nothing new for any prompt',
      },
    ])
  }))

test('an App reports as itself, and recognises only its own comments', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const app = { appId: 12, installationId: 34, publicKey }
  await withReports(
    async ({ repository, sync, restart, put, github, asked, warnings }) => {
      await repository.commit({ 'prompts/a.txt': 'a\n' })
      await propose({ repository, propose: put }, 7, { 'prompts/a.txt': 'other\n' })
      const { comments } = github.shown()
      const other = { id: 9, login: 'other[bot]', type: 'Bot' as const, appId: 99 }
      comments.push({ id: 1, pullRequest: 7, body: '<!-- prompt-registry:demo x', author: other })
      await sync()
      await restart()()
      expect(comments.map(({ author }) => author.login)).toEqual(['other[bot]', 'prompt-registry[bot]'])
      expect(reports(asked())).not.toContain('GET /user')
      expect(warnings).toEqual([])
    },
    { app, auth: { appId: 12, privateKey } },
  )
})

test('a token that an App made elsewhere recognises the comments of bots', () =>
  withReports(async ({ repository, sync, restart, put, github }) => {
    await repository.commit({ 'prompts/a.txt': 'a\n' })
    await propose({ repository, propose: put }, 7, { 'prompts/a.txt': 'other\n' })
    github.intercept = (operation) =>
      operation === 'GET /user' ? { status: 403, body: { message: 'not accessible' } } : undefined
    const { comments } = github.shown()
    await sync()
    const [own] = comments
    if (own !== undefined) comments[0] = { ...own, author: { id: 5, login: 'actions[bot]', type: 'Bot' } }
    await propose({ repository, propose: put }, 7, { 'prompts/a.txt': 'newer\n' })
    await restart()()
    expect(comments).toHaveLength(1)
    expect(comments[0]?.body).toContain('+newer')
  }))

test.each([
  ['statuses', '/statuses/', 'cannot set a commit status: Stopped while reading from GitHub.'],
  ['pull requests', '/pulls', 'cannot comment on pull requests: Stopped while reading from GitHub.'],
])('a host that does not answer about %s holds a pass for a limited time', (_what, part, warning) =>
  withReports(async ({ repository, restart, warnings, github }) => {
    await repository.commit({ 'prompts/a.txt': 'a\n' })
    const limits: AbortController[] = []
    const timeout = () => {
      const limit = new AbortController()
      limits.push(limit)
      return limit.signal
    }
    let hangs = true
    const hanging: HttpFetch = async (url, init) => {
      if (!hangs || !url.includes(part)) return await fetch(url, init)
      return await new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
        // The request is on its way: now the time is over.
        for (const limit of limits) limit.abort(new DOMException('too late', 'TimeoutError'))
      })
    }
    const sync = restart({ fetch: hanging, timeout })
    expect(await sync()).toMatchObject({ result: 'synced' })
    expect(warnings).toContain(warning)
    hangs = false
    await sync()
    expect(github.shown().statuses.at(-1)).toMatchObject({ state: 'success' })
  }),
)
