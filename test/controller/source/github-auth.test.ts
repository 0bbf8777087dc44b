import { generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { SourceError } from '../../../controller/source/git-source.ts'
import { parseAddress } from '../../../controller/source/github/address.ts'
import {
  createGitHubSource,
  type GitHubSource,
  type GitHubSourceOptions,
} from '../../../controller/source/github/index.ts'
import { WHOLE_TREE } from '../../../controller/source/tree-scope.ts'
import { fakeClock, TOKEN } from '../../support/github/source.ts'
import { type GitHubWorld, withGitHub } from '../../support/github/world.ts'

const pem = { type: 'pkcs8', format: 'pem' } as const
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: pem,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const registration = { appId: 4711, installationId: 12, publicKey: keys.publicKey }
const app = { appId: 4711, privateKey: keys.privateKey }
const FIND = 'GET /installation'
const MAKE = 'POST /app/installations/{installation_id}/access_tokens 201'

const withApp = (run: (world: GitHubWorld) => Promise<void>) =>
  withGitHub(
    async (world) => {
      await world.repository.commit({ 'a.txt': '1' })
      await run(world)
    },
    { app: registration, token: '' },
  )

test('authenticates as a GitHub App: finds its installation and creates a token once an hour', () =>
  withApp(async ({ source, asked, clock, github }) => {
    const one = source({ auth: app })
    expect((await one.listRefs()).branch).toBe('main')
    expect(asked().slice(0, 3)).toEqual([FIND, MAKE, 'GET /git/matching-refs/{ref}'])
    clock.pass(58 * 60_000)
    await one.listRefs()
    expect(asked()).toHaveLength(3)
    clock.pass(60_000)
    await one.listRefs()
    expect(asked()[0]).toBe(MAKE)
    const tokens = github.requests.map(({ authorization }) => authorization)
    expect(tokens).toEqual([])
    // The App's own requests are not on the installation's account.
    expect(github.quota.core.remaining).toBeGreaterThan(4980)
  }))

test('uses the configured installation', () =>
  withApp(async ({ source, asked }) => {
    await source({ auth: { ...app, installationId: 12 } }).listRefs()
    expect(asked()[0]).toBe(MAKE)
  }))

test('creates another token once if the host refuses the current one', () =>
  withApp(async ({ source, asked, github }) => {
    const one = source({ auth: app })
    await one.listRefs()
    github.revokeTokens()
    asked()
    expect((await one.listRefs()).branch).toBe('main')
    expect(asked().slice(0, 3)).toEqual([
      'GET /git/matching-refs/{ref} 401',
      MAKE,
      'GET /git/matching-refs/{ref} 304',
    ])
    github.intercept = (operation) => (operation.includes('/git/') ? { status: 401 } : undefined)
    await expect(one.listRefs()).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringMatching(/credentials/),
    })
    expect(asked()).toEqual(['GET /git/matching-refs/{ref} 401', MAKE, 'GET /git/matching-refs/{ref} 401'])
  }))

test('reports an App that is not installed, and an invalid or missing key', () =>
  withApp(async ({ source, github }) => {
    const failing = (auth: GitHubSourceOptions['auth']) =>
      source({ auth })
        .listRefs()
        .catch((reason: unknown) => reason)
    const other = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: pem,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    expect(await failing({ ...app, privateKey: other.privateKey })).toMatchObject({
      code: 'unauthorized',
      message: expect.stringMatching(/id and key of the App/),
    })
    expect(await failing({ ...app, privateKey: 'no key at all' })).toMatchObject({
      code: 'unauthorized',
      message: expect.stringMatching(/private key of the GitHub App cannot be used/),
    })
    github.intercept = (operation) => (operation.endsWith('/installation') ? { status: 404 } : undefined)
    expect(await failing(app)).toMatchObject({
      code: 'unauthorized',
      message: 'The GitHub App is not installed on acme/prompts. Install it there, or correct the address.',
    })
  }))

test('uses the API addresses of an Enterprise server', () =>
  withGitHub(async ({ repository, github, source }) => {
    const commit = await repository.commit({ 'a.txt': '1' })
    const paths: string[] = []
    github.intercept = (_, path) => {
      paths.push(path)
      return undefined
    }
    const one = source({ baseUrl: `${github.enterpriseUrl}/` })
    const refs = await one.listRefs()
    const snapshot = await one.open(refs)
    expect(await snapshot.tree(commit, WHOLE_TREE)).toHaveLength(1)
    await snapshot.close()
    expect(paths).toContain('/api/graphql')
    expect(paths.filter((path) => path !== '/api/graphql' && !path.startsWith('/api/v3/repos/'))).toEqual([])
  }))

test.for([
  ['acme/prompts', 'https://api.github.com'],
  ['acme/prompts.git', 'https://api.github.com'],
  ['https://github.com/acme/prompts', 'https://api.github.com'],
  ['https://www.github.com/acme/prompts.git/', 'https://api.github.com'],
  ['git@github.com:acme/prompts.git', 'https://api.github.com'],
  ['ssh://git@ssh.github.com:443/acme/prompts.git', 'https://api.github.com'],
  ['https://git.example.com/acme/prompts.git', 'https://git.example.com/api/v3'],
  ['https://git.example.com:8443/acme/prompts', 'https://git.example.com:8443/api/v3'],
  ['git@git.example.com:acme/prompts', 'https://git.example.com/api/v3'],
  ['https://acme.ghe.com/acme/prompts', 'https://api.acme.ghe.com'],
])('reads the address %s', ([repository, apiUrl]) => {
  expect(parseAddress(repository ?? '')).toEqual({ owner: 'acme', name: 'prompts', apiUrl, token: undefined })
})

test('reads a token from an address, and prefers the base URL over the host', () => {
  const address = parseAddress('https://robot:hu%2Fsh@github.com/acme/prompts', 'http://127.0.0.1:1/api/v3/')
  expect(address).toMatchObject({ apiUrl: 'http://127.0.0.1:1/api/v3', token: 'hu/sh' })
  expect(parseAddress('https://hush@github.com/acme/prompts')).toMatchObject({ token: 'hush' })
})

test('refuses an invalid or unencrypted address, without repeating it', () => {
  for (const repository of [
    '',
    'prompts',
    '/srv/hush',
    'acme/..',
    'acme/.',
    'ac me/prompts',
    'https://github.com/acme',
    'https://github.com/acme/prompts/tree/hush',
    'https://github.com/acme/prompts?token=hush',
    'https://github.com/acme/prompts#hush',
    'https://hush@github.com/acme/%2e%2e',
    'http://hush@github.com/acme/prompts',
    'ftp://hush@github.com/acme/prompts',
    '--upload-pack=hush',
  ]) {
    let error: unknown
    try {
      parseAddress(repository)
    } catch (reason) {
      error = reason
    }
    expect(error, repository).toMatchObject({ name: 'SourceError', code: 'failed' })
    expect(inspect(error)).not.toContain('hush')
  }
  for (const baseUrl of ['hush', 'ftp://hush/', 'https://hush@host/api/v3', 'https://host/?hush'])
    expect(() => parseAddress('acme/prompts', baseUrl), baseUrl).toThrow(SourceError)
})

test('requires valid credentials', () => {
  const { now, pause } = fakeClock()
  const common = { repository: 'acme/prompts', fetch, now, pause, random: () => 0 }
  for (const auth of [undefined, { token: '' }, { token: 'two\nlines' }, { appId: 1, privateKey: '' }])
    expect(() => createGitHubSource({ ...common, auth })).toThrow(/no valid credentials for GitHub/)
  const repository = 'https://token@github.com/acme/prompts'
  expect(createGitHubSource({ ...common, repository }).quotas()).toEqual([])
})

/** Every way in which a token might be spelled, alone or behind a name. */
function spellings(secret: string): string[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const basics = ['', 'x-access-token:', 'robot:', ':'].map((name) => base64(`${name}${secret}`))
  const encoded = [encodeURIComponent(secret), encodeURI(secret)]
  const lower = encoded.map((text) => text.replace(/%../g, (code) => code.toLowerCase()))
  return [secret, ...encoded, ...lower, ...basics, Buffer.from(secret).toString('base64url')]
}

/** The longest run of a spelling that is the secret's own: a name before it shows in the first characters. */
const core = (spelling: string) => spelling.slice(Math.floor(spelling.length / 3) + 2, -4)

/** What can be seen of the errors of everything that a source does, and of what it logs meanwhile. */
async function everyError(source: GitHubSource, commit: string): Promise<string[]> {
  const texts: string[] = []
  const log = (...words: unknown[]) => void texts.push(inspect(words, { depth: 10 }))
  const { console } = globalThis
  globalThis.console = { ...console, log, warn: log, error: log, info: log, debug: log }
  try {
    const snapshot = await source.open({
      branch: 'main',
      commit,
      branches: [],
      tags: [{ name: 'v1', commit }],
    })
    const blobs = async () => {
      for await (const _ of snapshot.blobs([commit], 10));
    }
    for (const work of [
      () => source.listRefs(),
      () => snapshot.tree(commit, WHOLE_TREE),
      () => snapshot.reachable([commit], [commit]),
      () => snapshot.commit(commit),
      blobs,
    ]) {
      const error = await work().catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(SourceError)
      texts.push(inspect(error, { depth: 10, showHidden: true }))
    }
    await snapshot.close()
  } finally {
    globalThis.console = console
  }
  return texts
}

test.for([
  { kind: 'a token', auth: { token: TOKEN }, lasting: TOKEN },
  { kind: 'an App', auth: app, lasting: keys.privateKey, spared: /installation/ },
  { kind: 'an App that gets no token', auth: app, lasting: keys.privateKey },
])('tells no secret of $kind, however the host repeats it', ({ auth, lasting, spared }) =>
  withGitHub(
    async ({ repository, github, source, clock }) => {
      const commit = await repository.commit({ 'a.txt': '1' })
      const secrets = new Set([lasting])
      for (const status of [200, 301, 400, 401, 403, 404, 409, 418, 422, 429, 500, 503]) {
        github.intercept = (operation, _, authorization) => {
          if (spared?.test(operation)) return undefined
          const sent = authorization.replace(/^\w+ /, '')
          secrets.add(sent)
          const words = `You sent ${[lasting, sent].flatMap(spellings).join(' and ')}.`
          const location = `https://elsewhere.example/${encodeURIComponent(words.slice(0, 500))}`
          const errors = [{ message: words, type: 'OTHER' }]
          const body = status === 200 ? { errors } : { message: words, errors }
          return { status, headers: { location }, body }
        }
        const texts = await everyError(source({ auth }), commit)
        for (const spelling of [...secrets].flatMap(spellings).map(core))
          for (const text of texts) expect(text.includes(spelling), `${status}: ${text}`).toBe(false)
        clock.pass(3_600_000)
      }
      expect(secrets.size).toBeGreaterThan('appId' in auth ? 1 : 0)
    },
    'appId' in auth ? { app: registration, token: '' } : {},
  ),
)

test('does not reveal the address of an archive', () =>
  withGitHub(async ({ repository, github, source }) => {
    const files = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`${index}.txt`, `${index}`]))
    const commit = await repository.commit(files)
    const one = source()
    const snapshot = await one.open({ branch: 'main', commit, branches: [], tags: [] })
    const oids = (await snapshot.tree(commit, WHOLE_TREE)).map(({ oid }) => oid)
    github.intercept = (operation) =>
      operation === 'archive' || operation.includes('lob')
        ? { status: 403, body: { message: `no ARCHIVE${commit}` } }
        : undefined
    const reading = async () => {
      for await (const _ of snapshot.blobs(oids, 100));
    }
    const error = await reading().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'unauthorized' })
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(`ARCHIVE${commit}`)
    await snapshot.close()
  }))
