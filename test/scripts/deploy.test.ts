import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { describe, expect, onTestFinished, test } from 'vitest'
import { zip } from '../../scripts/zip.ts'
import { startLambdaEndpoint } from '../support/lambda/endpoint.ts'
import { writeFunction } from '../support/lambda/functions.ts'
import type { Asked } from '../support/lambda/serve.ts'
import { scratchFolder } from '../support/scratch.ts'

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function deploy(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const own = { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: 'true', ...env }
  try {
    const ran = await promisify(execFile)(process.execPath, ['scripts/deploy.ts', ...args], { env: own })
    return { code: 0, out: ran.stdout, err: ran.stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, out: stdout, err: stderr }
  }
}

/** Functions as Terraform leaves them, and new code for them; `health` gives the status of its health. */
async function world(health: string) {
  const placeholder = await writeFunction('return { statusCode: 503, body: "placeholder" }')
  const functions = {
    writer: { bundle: placeholder, env: { ROLE: 'writer' } },
    reader: { bundle: placeholder, env: { ROLE: 'reader' } },
  }
  const file = join(await scratchFolder(), 'registry.zip')
  const code = `export const handler = async (event, context) => {
      if (event.rawPath !== '/health') return { statusCode: 404, body: 'new' }
      return { statusCode: ${health}, body: 'new' }
    }`
  const bytes = zip([{ name: 'index.mjs', bytes: Buffer.from(code) }])
  await writeFile(file, bytes)
  const changes: string[] = []
  const onAsked = (asked: Asked) => changes.push(...changeIn(asked, bytes))
  const endpoint = await startLambdaEndpoint({ functions, onAsked })
  onTestFinished(endpoint.close)
  const { url, env } = endpoint
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const client = new LambdaClient({ endpoint: url, region: 'eu-west-1', credentials })
  const answers = async () => {
    const bodies = ['writer', 'reader'].map(async (FunctionName) => {
      const { Payload } = await client.send(new InvokeCommand({ FunctionName, Payload: '{}' }))
      return JSON.parse(Buffer.from(Payload ?? '').toString()).body
    })
    return await Promise.all(bodies)
  }
  return { env, file, answers, changes }
}

/** `put new, publish`, `put former` or `invoke 1`, of a function; nothing for a request that only reads. */
function changeIn({ method, path, query, body }: Asked, code: Uint8Array): string[] {
  const [, name, what] = /functions\/([^/]+)\/(code|invocations)$/.exec(path) ?? []
  if (name === undefined || method === 'GET') return []
  if (what === 'invocations')
    return [`${name}: invoke ${new URLSearchParams(query).get('Qualifier') ?? '$LATEST'}`]
  const { ZipFile, Publish } = JSON.parse(body.toString('utf8'))
  const which = ZipFile === Buffer.from(code).toString('base64') ? 'new' : 'former'
  return [`${name}: put ${which}${Publish ? ', publish' : ''}`]
}

const BOTH = ['--function', 'reader', '--function', 'writer']

describe('npm run deploy', () => {
  test('checks the code as a version of every function before any of them gets it', async () => {
    const { env, file, answers, changes } = await world('200')
    const { code, out, err } = await deploy([...BOTH, '--zip', file], env)
    expect([code, err]).toEqual([0, ''])
    for (const name of ['reader', 'writer']) {
      expect(out).toContain(`${name}: published as version 1`)
      expect(out).toContain(`${name}: GET /health of version 1 answers 200`)
      expect(out).toContain(`${name}: GET /health answers 200`)
    }
    const check = ['put new, publish', 'put former', 'invoke 1']
    const switchOver = ['put new', 'invoke $LATEST']
    const of = (name: string, steps: readonly string[]) => steps.map((step) => `${name}: ${step}`)
    expect(changes).toEqual([
      ...of('reader', check),
      ...of('writer', check),
      ...of('reader', switchOver),
      ...of('writer', switchOver),
    ])
    expect(await answers()).toEqual(['new', 'new'])
  })

  test('leaves every function its former code if the new code is not healthy', async () => {
    const { env, file, answers } = await world('500')
    const { code, err } = await deploy([...BOTH, '--zip', file], env)
    expect(code).toBe(1)
    expect(err).toContain(
      'reader keeps its former code. Version 1 has the new code: GET /health of reader answers 500',
    )
    expect(await answers()).toEqual(['placeholder', 'placeholder'])
  })

  test.each([
    ['cannot start', 'nothing.that.exists'],
    ['crashes', 'process.exit(1)'],
  ])('leaves every function its former code if the new code %s', async (_what, health) => {
    const { env, file, answers } = await world(health)
    const { code, err } = await deploy([...BOTH, '--zip', file], env)
    expect([code, err]).toEqual([1, expect.stringContaining('reader keeps its former code.')])
    expect(await answers()).toEqual(['placeholder', 'placeholder'])
  })

  test('leaves every function its former code if one of them is not healthy with the new code', async () => {
    const { env, file, answers } = await world("process.env.ROLE === 'writer' ? 500 : 200")
    const { code, err } = await deploy([...BOTH, '--zip', file], env)
    expect([code, err]).toEqual([1, expect.stringContaining('writer keeps its former code.')])
    expect(await answers()).toEqual(['placeholder', 'placeholder'])
  })

  test('restores the former code of every function if one fails after all were switched', async () => {
    // Healthy as a version of its own, and not as $LATEST of the writer.
    const { env, file, answers } = await world(
      "process.env.ROLE === 'writer' && !context.invokedFunctionArn.endsWith(':1') ? 500 : 200",
    )
    const { code, err } = await deploy([...BOTH, '--zip', file], env)
    expect(code).toBe(1)
    expect(err).toContain('GET /health of writer answers 500')
    expect(err).toContain('Restored the former code of writer, reader.')
    expect(await answers()).toEqual(['placeholder', 'placeholder'])
  })

  test('deploying the same code again changes nothing, and checks it', async () => {
    const { env, file, changes } = await world('200')
    await deploy([...BOTH, '--zip', file], env)
    changes.length = 0
    const { code, out } = await deploy([...BOTH, '--zip', file], env)
    expect([code, out]).toEqual([0, expect.stringContaining('reader: has this code already')])
    expect(changes).toEqual(['reader: invoke $LATEST', 'writer: invoke $LATEST'])
  })

  test('--dry-run changes nothing', async () => {
    const { env, file, answers } = await world('200')
    const ran = await deploy(['--function', 'writer', '--zip', file, '--dry-run'], env)
    expect([ran.code, ran.out]).toEqual([0, expect.stringContaining('nothing was changed')])
    expect(await answers()).toEqual(['placeholder', 'placeholder'])
  })

  test('says what is wrong in a sentence, without a stack', async () => {
    const { env, file } = await world('200')
    const cases = [
      [[], 'Name the function with --function NAME.'],
      [['--fucntion', 'writer'], "Unknown option '--fucntion'"],
      [
        ['--function', 'writer', '--zip', 'no/such.zip'],
        'no/such.zip does not exist; run npm run build first',
      ],
      [['--function', 'nobody', '--zip', file], 'Function nobody does not exist in this account and region'],
      [['--function', 'writer', '--zip', 'package.json'], 'AWS refused the deployment of writer'],
    ] as const
    for (const [args, sentence] of cases) {
      const { code, err } = await deploy(args, env)
      expect([code, err]).toEqual([1, expect.stringContaining(sentence)])
      expect(err).not.toMatch(/^\s+at /m)
    }
  })

  test('--help shows what it does and needs', async () => {
    const { code, out } = await deploy(['--help'])
    expect(code).toBe(0)
    expect(out).toContain('--function NAME')
    for (const action of ['GetFunction', 'UpdateFunctionCode', 'GetFunctionConfiguration', 'InvokeFunction'])
      expect(out).toContain(`lambda:${action}`)
  })
})
