import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { COMMANDS } from '../../controller/cli/commands/index.ts'
import {
  type CliUnderTest,
  cliIn,
  configure,
  makeCli,
  type RunOptions,
  words,
} from '../controller/cli/cli-under-test.ts'
import { type EchoServer, startEchoServer } from '../support/echo-server.ts'
import { startGitHttpServer } from '../support/git-http-server.ts'
import { createRepository } from '../support/git-repository.ts'
import { startGitHub } from '../support/github/start.ts'
import { startLambdaEndpoint } from '../support/lambda/endpoint.ts'
import { writeFunction } from '../support/lambda/functions.ts'
import { appKey, leaksBelow, leaksIn } from '../support/planted-secrets.ts'

/** A secret in every place where one can be configured. */
const PLANTED = {
  'password of git': 'pw-9f1c/+ü %=of:git',
  'password in an address': 'pw-77ab/+ü %=of?url',
  'token of GitHub': 'ghp_41d0/+=of_github',
  'token in an address': 'ghp_e6b2/+=of_url',
  'key of an App': appKey(),
  'secret of a webhook': 'hook-5c0e/+=first',
  'next secret of a webhook': 'hook-8d3b/+=next',
  'token of a registry': 'tok-2a9d/+=remote',
  'token that a registry takes': 'tok-b415/+=embedded-and+more',
  'key of AWS': 'aws-c3f8/+=secret',
  'session of AWS': 'aws-60d7/+=session',
}
const env = {
  GIT: PLANTED['password of git'],
  GITHUB: PLANTED['token of GitHub'],
  APP: PLANTED['key of an App'],
  HOOK: PLANTED['secret of a webhook'],
  NEXT: PLANTED['next secret of a webhook'],
  REMOTE: PLANTED['token of a registry'],
  EMBEDDED: PLANTED['token that a registry takes'],
}
const inAddress = (key: 'password in an address' | 'token in an address') => encodeURIComponent(PLANTED[key])
const WEBHOOK = 'webhook: { host: github, secretEnv: HOOK, nextSecretEnv: NEXT }'
const TOKENS = 'tokens: [{ name: ops, access: admin, env: EMBEDDED }]'
const STATUSES = [200, 301, 400, 401, 403, 404, 429, 500]

/** `promptctl` with all secrets, of which nothing may be in what it says or leaves behind. */
function watched(cli: CliUnderTest) {
  const said: string[] = []
  return {
    ...cli,
    said,
    run: async (args: readonly string[], options: RunOptions = {}) => {
      const ran = await cli.run(args, { ...options, env: { ...env, ...options.env } })
      said.push(ran.out, ran.err)
      expect(leaksIn(ran.out + ran.err, PLANTED), args.join(' ')).toEqual([])
      return ran
    },
    /** `serve` until it told of its first pass. */
    async serve(args: string, look?: (url: string) => Promise<void>) {
      const stop = new AbortController()
      const passed = Promise.withResolvers<void>()
      const heard = Promise.withResolvers<string>()
      const running = this.run(words(`serve --port 0 ${args}`.trim()), {
        signal: stop.signal,
        onOutput: (text) => {
          const [, url] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(text) ?? []
          if (url !== undefined) heard.resolve(url)
          if (/(^| {2})demo: /m.test(text)) passed.resolve()
        },
        onError: (text) => text.includes('"source":"demo"') && passed.resolve(),
      })
      const looked = look === undefined ? undefined : heard.promise.then(look)
      await Promise.race([Promise.all([passed.promise, looked]), running])
      stop.abort(new Error('ended by SIGTERM'))
      const ran = await running
      expect(ran.code, ran.err).toBe(0)
      return ran
    },
    noLeftovers: async () => {
      expect(await leaksBelow(cli.folder, PLANTED, ['promptctl.yaml'])).toEqual([])
    },
  }
}

test('the search for secrets finds one in whatever spelling, and in files', async () => {
  const { folder } = await makeCli()
  const secret = PLANTED['password of git']
  const found = (text: string) => leaksIn(`before ${text} after`, { it: secret })
  for (const spelled of [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase(),
    JSON.stringify(secret),
    Buffer.from(secret).toString('hex'),
    ...['', 'u', 'us', 'bot:'].map((user) => Buffer.from(`${user}${secret}`).toString('base64')),
    Buffer.from(`bot:${secret}`).toString('base64url'),
  ])
    expect(found(spelled), spelled).not.toEqual([])
  expect(found('nothing')).toEqual([])
  const line = PLANTED['key of an App'].split('\n')[3] ?? ''
  await writeFile(join(folder, 'log'), `the key: ${line}`)
  expect(await leaksBelow(folder, PLANTED)).toEqual(
    expect.arrayContaining([expect.stringContaining('/log: key of an App')]),
  )
})

const LOOKING = [
  'sync',
  'plan',
  'sync --full -o json',
  'plan -o json',
  'sources',
  'sources demo',
  'sources -o json',
]

/** Sources by every way of reading them, on a host that repeats what it is told. */
const SOURCES: readonly (readonly [string, (echo: EchoServer) => string])[] = [
  [
    'git with a login',
    ({ url }) => `repository: "${url}/a/b.git", credentials: { username: bot, passwordEnv: GIT }`,
  ],
  [
    'git with a login in the address',
    ({ url }) => `repository: "${withLogin(url, 'password in an address')}"`,
  ],
  [
    'GitHub with a token',
    ({ url }) => `type: github, repository: a/b, apiUrl: "${url}", credentials: { passwordEnv: GITHUB }`,
  ],
  [
    'GitHub with a token in the address',
    ({ url }) => `type: github, repository: "${withLogin(url, 'token in an address')}", apiUrl: "${url}"`,
  ],
  [
    'GitHub with an App',
    ({ url }) =>
      `repository: "https://github.com/a/b", apiUrl: "${url}", credentials: { appId: 7, privateKeyEnv: APP }`,
  ],
]

function withLogin(url: string, key: 'password in an address' | 'token in an address'): string {
  return `${url.replace('://', `://bot:${inAddress(key)}@`)}/a/b.git`
}

test.each(SOURCES)('a host that repeats everything puts no secret into anything: %s', async (_, fields) => {
  const echo = await startEchoServer()
  const cli = watched(await makeCli())
  await configure(cli.folder, [`{ name: demo, ${fields(echo)}, ${WEBHOOK} }`])
  for (const status of STATUSES) {
    echo.status = status
    const before = echo.requests
    const synced = await cli.run(['sync'], { pause: async () => {} })
    expect(synced.code, `${status}`).toBe(1)
    expect(echo.requests, 'the host was asked').toBeGreaterThan(before)
  }
  echo.status = 403
  for (const line of LOOKING) await cli.run(words(line))
  await cli.serve('')
  await cli.serve('--log json')
  await cli.noLeftovers()
})

test('nothing is left of a login after a sync that went well, and one that broke off', async () => {
  const cli = watched(await makeCli())
  const repository = await createRepository(join(cli.folder, 'hosted', 'repo'))
  await repository.commit({ 'prompts/a.txt': 'text' })
  await repository.tag('v1.0.0', { annotated: true })
  const login = { username: 'bot', password: PLANTED['password of git'] }
  const server = await startGitHttpServer({ root: join(cli.folder, 'hosted'), login })
  onTestFinished(() => server.close())
  const url = `${server.url}/repo/.git`
  await configure(cli.folder, [
    `{ name: demo, repository: "${url}", credentials: { username: bot, passwordEnv: GIT } }`,
  ])
  expect(await cli.run(['sync'])).toMatchObject({ code: 0 })
  await repository.commit({ 'prompts/a.txt': 'more' })
  server.cut = { bytes: 30, politely: false }
  expect(await cli.run(['sync'])).toMatchObject({ code: 1 })
  expect(await cli.run(['sync'], { env: { GIT: PLANTED['token of GitHub'] } })).toMatchObject({ code: 1 })
  for (const line of [...LOOKING, 'events a', 'versions a -o json', 'get a -o json'])
    await cli.run(words(line))
  await cli.noLeftovers()
})

test("nothing is left of a token after a sync by GitHub's interface", async () => {
  const cli = watched(await makeCli())
  const repository = await createRepository(join(cli.folder, 'hosted'))
  await repository.commit({ 'prompts/a.txt': 'text' })
  const token = PLANTED['token of GitHub']
  const github = await startGitHub({ repositoryPath: repository.path, owner: 'a', name: 'b', token })
  onTestFinished(() => github.close())
  const place = `type: github, repository: a/b, apiUrl: "${github.url}"`
  await configure(cli.folder, [`{ name: demo, ${place}, credentials: { passwordEnv: GITHUB } }`])
  expect(await cli.run(['sync'])).toMatchObject({ code: 0 })
  await repository.commit({ 'prompts/a.txt': 'more' })
  expect(await cli.run(['sync'], { env: { GITHUB: 'ghp_another' } })).toMatchObject({ code: 1 })
  for (const line of LOOKING) await cli.run(words(line))
  await cli.noLeftovers()
})

/** Every command with what it needs to get as far as the registry. */
const COMMAND_LINES = [
  'sync',
  'plan',
  'sources',
  'list',
  'get a',
  'files a',
  'versions a',
  'diff a 1 2',
  'events a',
  'audit',
  'reads a',
  'drift',
  'sets --source demo',
  'verify a --key release.pub',
  'push a',
  'promote a 1',
  'alias a 1 2',
  'rollback a --reason r',
  'revoke a 1 --reason r',
  'hold a --reason r',
  'unhold a',
  'transfer a demo',
  'export --bundle bundle.json a',
  'doctor',
]

/** Long-running ones, and those that do not connect to a registry by its address. */
const NOT_TRIED = [
  ...[
    'adopt',
    'attest',
    'backup',
    'completion',
    'console',
    'convert',
    'init',
    'lint',
    'mcp',
    'restore',
    'serve',
    'watch',
  ],
]

test('every command is tried', () => {
  const known = COMMANDS.map(({ name }) => name)
  const tried = COMMAND_LINES.map((line) => line.split(' ')[0])
  expect(known.filter((name) => !tried.includes(name)).sort()).toEqual([...NOT_TRIED].sort())
})

/** The registry's places; each gets the token of a registry. */
const REGISTRIES: readonly (readonly [string, (echo: EchoServer) => Promise<string>])[] = [
  ['by HTTP', async ({ url }) => `{ url: "${url}", tokenEnv: REMOTE }`],
  ['by its function, on a host that repeats', async () => '{ function: registry, tokenEnv: REMOTE }'],
]

test.each(REGISTRIES)('a registry that repeats everything: %s', async (_, place) => {
  const echo = await startEchoServer()
  const cli = watched(await makeCli())
  asAws(echo.url)
  await createRepository(join(cli.folder, 'repo'))
  await configure(cli.folder, ['{ name: demo, repository: ./repo }'], `registry: ${await place(echo)}`)
  const { publicKey } = generateKeyPairSync('ed25519')
  await writeFile(join(cli.folder, 'release.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  for (const status of [301, 400, 401, 403, 500]) {
    echo.status = status
    for (const line of COMMAND_LINES) {
      const before = echo.requests
      const { code } = await cli.run(words(line), { stdin: 'text' })
      expect(code, line).toBe(1)
      expect(echo.requests, `${line} asks`).toBeGreaterThan(before)
    }
  }
  await cli.run(words('list --output json'))
  await cli.serve('--log json')
  await cli.noLeftovers()
})

test('a function that repeats its event in what it throws', async () => {
  const cli = watched(await makeCli())
  const bundle = await writeFunction('throw new Error(JSON.stringify({ event, env: process.env }))')
  const endpoint = await startLambdaEndpoint({ functions: { registry: { bundle } } })
  onTestFinished(endpoint.close)
  for (const [name, value] of Object.entries(endpoint.env)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  await configure(cli.folder, [], 'registry: { function: registry, tokenEnv: REMOTE }')
  for (const line of ['list', 'get a', 'promote a 1']) {
    const { code, err } = await cli.run(words(line))
    expect([code, err], line).toEqual([1, expect.stringContaining('registry')])
  }
})

test('adopt on a host that repeats everything', async () => {
  const echo = await startEchoServer()
  asAws(echo.url)
  const cli = watched(await makeCli())
  for (const status of [301, 400, 403]) {
    echo.status = status
    const { code } = await cli.run(words('adopt --table t --bucket b'))
    expect(code, `${status}`).toBe(1)
  }
  expect(echo.requests).toBeGreaterThan(0)
})

/** The SDK of AWS asks there, with planted credentials. */
function asAws(url: string): void {
  vi.stubEnv('AWS_ENDPOINT_URL', url)
  vi.stubEnv('AWS_REGION', 'eu-west-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', PLANTED['key of AWS'])
  vi.stubEnv('AWS_SESSION_TOKEN', PLANTED['session of AWS'])
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
  onTestFinished(() => void vi.unstubAllEnvs())
}

test('a registry that listens, and its webhooks, tell nobody what they compare with', async () => {
  const cli = watched(await makeCli())
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/a.txt': 'text' })
  await configure(
    cli.folder,
    [`{ name: demo, repository: ./repo, ${WEBHOOK} }`],
    `registry: { file: registry.db, ${TOKENS} }`,
  )
  const answers: string[] = []
  const ask = async (url: string, init: RequestInit) => {
    const response = await fetch(url, init)
    answers.push(JSON.stringify([...response.headers]), await response.text())
    return response.status
  }
  const look = async (url: string) => {
    const right = { authorization: `Bearer ${PLANTED['token that a registry takes']}` }
    expect(await ask(`${url}/prompts`, { headers: { authorization: 'Bearer wrong' } })).toBe(401)
    expect(
      await ask(`${url}/prompts/a/promote`, {
        method: 'POST',
        headers: { ...right, 'content-type': 'application/json' },
        body: '{',
      }),
    ).toBe(400)
    expect(await ask(`${url}/nowhere`, { headers: right })).toBe(404)
    expect(await ask(`${url}/prompts`, { headers: right })).toBe(200)
    const signed = { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}`, 'x-github-event': 'push' }
    expect(await ask(`${url}/webhooks/demo`, { method: 'POST', headers: signed, body: '{}' })).toBe(401)
    expect(await ask(`${url}/webhooks/demo`, { method: 'POST', body: '{}' })).toBe(401)
  }
  const { err } = await cli.serve('', look)
  expect(err).toContain('A webhook delivery for demo was refused (401): The signature is invalid')
  await cli.serve('--log json', look)
  expect(answers.length).toBeGreaterThan(0)
  expect(leaksIn(answers.join('\n'), PLANTED)).toEqual([])
  await cli.noLeftovers()
})

test.each([
  ['a secret where its variable belongs', (secret: string) => `credentials: { passwordEnv: "${secret}" }`],
  [
    'an unknown key beside it',
    (secret: string) => `credentials: { passwordEnv: GIT, password: "${secret}" }`,
  ],
  ['a broken line', (secret: string) => `credentials: { password: "${secret}`],
  [
    'a line that never ends',
    (secret: string) => `repository: "https://bot:${encodeURIComponent(secret)}@host/a`,
  ],
  ['a key twice', (secret: string) => `repository: "${secret}", repository: b`],
  ['an alias that is none', (secret: string) => `repository: *${secret.replaceAll(/\W/g, '')}`],
])('a configuration is refused without being quoted: %s', async (_, line) => {
  const cli = watched(await makeCli())
  const secret = PLANTED['token of GitHub']
  await writeFile(join(cli.folder, 'promptctl.yaml'), `sources:\n  - { name: demo, ${line(secret)} }\n`)
  const { code, err } = await cli.run(['sync'])
  expect([code, err]).toEqual([2, expect.stringContaining('promptctl.yaml')])
  expect(err).not.toContain(secret.replaceAll(/\W/g, ''))
})

test.each([
  ['two lines', 'first\nsecond'],
  ['a letter that no header can have', 'tokenü'],
  ['blanks around it', ' token '],
])('a secret that cannot be sent is not shown: %s', async (_, odd) => {
  const echo = await startEchoServer()
  const cli = cliIn((await makeCli()).folder)
  const secret = `odd-3e1f-${odd}`
  const fields = [
    `repository: "${echo.url}/a/b.git", credentials: { passwordEnv: ODD }`,
    `type: github, repository: a/b, apiUrl: "${echo.url}", credentials: { passwordEnv: ODD }`,
    `type: github, repository: a/b, apiUrl: "${echo.url}", credentials: { appId: 7, privateKeyEnv: ODD }`,
  ]
  for (const source of fields) {
    await configure(cli.folder, [`{ name: demo, ${source} }`])
    for (const line of ['sync', 'sources demo']) {
      const { code, out, err } = await cli.run(words(line), { env: { ODD: secret } })
      if (line === 'sync') expect(code, source).toBe(1)
      expect(out + err, source).not.toContain('odd-3e1f')
    }
  }
  await configure(cli.folder, [], `registry: { url: "${echo.url}", tokenEnv: ODD }`)
  const { code, out, err } = await cli.run(['list'], { env: { ODD: secret } })
  expect(code).toBeGreaterThan(0)
  expect(out + err).not.toContain('odd-3e1f')
  expect(await leaksBelow(cli.folder, { odd: secret })).toEqual([])
})
