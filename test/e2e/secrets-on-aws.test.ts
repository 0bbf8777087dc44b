import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openEmbeddedRegistry } from '../../api/server.ts'
import { startEchoServer } from '../support/echo-server.ts'
import { bundleOf } from '../support/lambda/bundles.ts'
import { type LambdaEndpoint, startLambdaEndpoint } from '../support/lambda/endpoint.ts'
import { appKey, leaksBelow, leaksIn } from '../support/planted-secrets.ts'
import { scratchFolder } from '../support/scratch.ts'

const PLANTED = {
  'token of GitHub': 'ghp_41d0/+=of_github',
  'token of reports': 'ghp_90fe/+=of_reports',
  'key of an App': appKey(),
  'secret of a webhook': 'hook-5c0e/+=first',
  'password of git': 'pw-9f1c/+ü %=of:git',
  'key of AWS': 'aws-c3f8/+=secret',
  'session of AWS': 'aws-60d7/+=session',
}

const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:all-AbCdEf'
const REFERENCES = {
  GITHUB: `${SECRET}#github`,
  REPORTS: `${SECRET}#reports`,
  GIT: `${SECRET}#git`,
  APP: '/controller/app',
  HOOK: '/controller/hook',
}
const KEPT: Readonly<Record<string, string>> = {
  [SECRET]: JSON.stringify({
    github: PLANTED['token of GitHub'],
    reports: PLANTED['token of reports'],
    git: PLANTED['password of git'],
  }),
  '/controller/app': PLANTED['key of an App'],
  '/controller/hook': PLANTED['secret of a webhook'],
}

const SERVICES = ['document', 'secrets', 'registry', 'controller'] as const
type Service = (typeof SERVICES)[number]

/** AWS as far as the controller asks it: the sources document, the stores of secrets, and the registry's function. */
class Aws {
  url = ''
  document = ''
  /** These repeat what they were asked in an error. */
  readonly broken = new Set<Service>()
  /** A registry that listens. */
  registryUrl = ''

  async answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const body = await text(request)
    const { url = '', headers } = request
    const service = serviceOf(url, String(headers['x-amz-target'] ?? ''))
    if (service === undefined || this.broken.has(service)) {
      const told = `${url} ${JSON.stringify(headers)} ${body} ${service === 'secrets' ? JSON.stringify(KEPT) : ''}`
      return { status: 400, body: JSON.stringify({ __type: 'Broken', message: told, Message: told }) }
    }
    if (service === 'controller' && !this.broken.has(service)) return { status: 202, body: '' }
    if (service === 'document') return { status: 200, body: this.document }
    if (service === 'registry') return { status: 200, body: await this.#invoked(body) }
    // Secrets Manager has the one, SSM the other.
    const { SecretId, Name } = JSON.parse(body) as { SecretId?: string; Name?: string }
    const value = KEPT[SecretId ?? Name ?? '']
    const found = SecretId === undefined ? { Parameter: { Value: value } } : { SecretString: value }
    return { status: 200, body: JSON.stringify(found) }
  }

  async #invoked(payload: string): Promise<string> {
    const event = JSON.parse(payload)
    const query = new URLSearchParams(event.queryStringParameters ?? {})
    const { method } = event.requestContext.http
    const answer = await fetch(`${this.registryUrl}${event.rawPath}?${query}`, {
      method,
      headers: event.headers,
      ...(event.body !== undefined && { body: event.body }),
    })
    return JSON.stringify({ statusCode: answer.status, body: await answer.text() })
  }
}

function serviceOf(url: string, target: string): Service | undefined {
  const invoked = /\/functions\/(registry|controller)\/invocations$/.exec(url)?.[1]
  if (invoked !== undefined) return invoked as Service
  if (url.includes('sources.yaml')) return 'document'
  return /^(secretsmanager|AmazonSSM)\./.test(target) ? 'secrets' : undefined
}

async function startAws(folder: string): Promise<Aws> {
  const aws = new Aws()
  const server = createServer(async (request, response) => {
    const { status, body } = await aws.answer(request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  aws.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const registry = openEmbeddedRegistry({ file: join(folder, 'registry.db'), log: { error: () => {} } })
  const listening = await registry.listen({ host: '127.0.0.1', port: 0 })
  aws.registryUrl = listening.url
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await listening.close()
    registry.close()
  })
  return aws
}

function documentFor(host: string): string {
  const reports = 'reports: { statuses: true, pullRequests: true, credentials: { passwordEnv: REPORTS } }'
  const webhook = 'webhook: { host: github, secretEnv: HOOK }'
  const gitHub = `type: github, apiUrl: "${host}", ${reports}, ${webhook}`
  return `sources:
  - { name: token, repository: a/b, ${gitHub}, credentials: { passwordEnv: GITHUB } }
  - { name: app, repository: a/c, ${gitHub}, credentials: { appId: 7, privateKeyEnv: APP } }
  - { name: git, type: git, repository: "${host}/a/d.git", credentials: { username: bot, passwordEnv: GIT } }
`
}

interface Functions {
  readonly folder: string
  readonly aws: Aws
  readonly endpoint: LambdaEndpoint
  invoke(name: string, event: unknown): Promise<string>
}

/** The bundles as they are deployed, on an AWS of their own. */
async function startFunctions(): Promise<Functions> {
  const folder = await scratchFolder()
  const aws = await startAws(folder)
  const env = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: PLANTED['key of AWS'],
    AWS_SESSION_TOKEN: PLANTED['session of AWS'],
    SOURCES_BUCKET: 'config',
    SOURCES_KEY: 'sources.yaml',
    PROMPT_CONTROLLER_SECRETS: JSON.stringify(REFERENCES),
    LOG_LEVEL: 'DEBUG',
  }
  const [controller, webhooks] = await Promise.all([bundleOf('controller'), bundleOf('webhooks')])
  const endpoint = await startLambdaEndpoint({
    functions: {
      controller: { zip: controller.zip, env: { ...env, PROMPT_REGISTRY_FUNCTION: 'registry' } },
      webhooks: { zip: webhooks.zip, env: { ...env, CONTROLLER_FUNCTION: 'controller' } },
    },
  })
  onTestFinished(endpoint.close)
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const client = new LambdaClient({ endpoint: endpoint.url, region: 'eu-west-1', credentials })
  const invoke = async (FunctionName: string, event: unknown) => {
    const { Payload } = await client.send(
      new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }),
    )
    return Buffer.from(Payload ?? '').toString()
  }
  return { folder, aws, endpoint, invoke }
}

const DELIVERY = {
  version: '2.0',
  rawPath: '/webhooks/token',
  rawQueryString: '',
  headers: { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` },
  requestContext: { http: { method: 'POST', path: '/webhooks/token' } },
  body: '{}',
  isBase64Encoded: false,
}
const EVENTS = [
  ['controller', { action: 'sync', full: true }],
  ['controller', { action: 'pass', sources: ['token', 'app', 'git'] }],
  ['controller', { action: 'schedule' }],
  ['controller', { action: 'unknown' }],
  ['webhooks', DELIVERY],
  ['webhooks', { ...DELIVERY, rawPath: '/nowhere' }],
  ['webhooks', 'no event'],
] as const

describe('the functions of the controller show no secret', () => {
  let functions: Functions
  beforeEach(async () => {
    functions = await startFunctions()
  })

  /** Sends every event; gives what the functions answered. */
  async function tryAll(): Promise<string[]> {
    const { folder, endpoint, invoke } = functions
    const answers: string[] = []
    for (const [name, event] of EVENTS) answers.push(await invoke(name, event))
    const logs = ['controller', 'webhooks'].flatMap((name) => endpoint.logs(name))
    expect(leaksIn(answers.join('\n'), PLANTED), 'answers').toEqual([])
    expect(leaksIn(logs.join('\n'), PLANTED), 'logs').toEqual([])
    expect(await leaksBelow(folder, PLANTED), 'states').toEqual([])
    return answers
  }

  test.each([401, 500])('while the hosts of repositories repeat it: %i', async (status) => {
    const echo = await startEchoServer()
    echo.status = status
    functions.aws.document = documentFor(echo.url)
    const [synced = ''] = await tryAll()
    const { passes } = JSON.parse(synced) as { passes: { source: string; result: string }[] }
    expect(passes.map(({ source, result }) => `${source} ${result}`).sort()).toEqual([
      'app failed',
      'git failed',
      'token failed',
    ])
    expect(echo.requests).toBeGreaterThan(2)
  })

  test.each(SERVICES)('while AWS repeats it: %s', async (service) => {
    functions.aws.document = documentFor((await startEchoServer()).url)
    functions.aws.broken.add(service)
    const [synced] = await tryAll()
    expect(synced).toMatch(/"result":"failed"|"errorMessage"/)
  })

  test.each([
    [
      'a broken line',
      `sources: [{ name: a, repository: "https://x:${encodeURIComponent('pw-9f1c/+ü %=of:git')}@h/r" `,
    ],
    ['a key that there is not', `sources: [{ name: a, repository: r, token: "ghp_41d0/+=of_github" }]`],
  ])('of a sources document with %s', async (_, document) => {
    functions.aws.document = document
    const [synced] = await tryAll()
    expect(synced).toContain('ConfigError')
  })
})
