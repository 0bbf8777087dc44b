import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { describe, expect, onTestFinished, test } from 'vitest'
import { zip } from '../../scripts/zip.ts'
import { startLambdaEndpoint } from '../support/lambda/endpoint.ts'
import { writeFunction } from '../support/lambda/functions.ts'
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

/** A function as Terraform leaves it, and new code for it whose health is `status`. */
async function world(status: number) {
  const placeholder = await writeFunction('return { statusCode: 503, body: "placeholder" }')
  const functions = { writer: { bundle: placeholder }, reader: { bundle: placeholder } }
  const endpoint = await startLambdaEndpoint({ functions })
  onTestFinished(endpoint.close)
  const file = join(await scratchFolder(), 'registry.zip')
  const code = `export const handler = async (event) => ({ statusCode: event.rawPath === '/health' ? ${status} : 404, body: 'new' })`
  await writeFile(file, zip([{ name: 'index.mjs', bytes: Buffer.from(code) }]))
  return { endpoint, file }
}

describe('npm run deploy', () => {
  test('puts the code on each function, waits, and asks for its health', async () => {
    const { endpoint, file } = await world(200)
    const { code, out, err } = await deploy(
      ['--function', 'writer', '--function', 'reader', '--zip', file],
      endpoint.env,
    )
    expect([code, err]).toEqual([0, ''])
    for (const name of ['writer', 'reader']) {
      expect(out).toContain(`${name}: sending ${file}`)
      expect(out).toContain(`${name}: active, code `)
      expect(out).toContain(`${name}: GET /health answers 200`)
    }
  })

  test('--dry-run changes nothing', async () => {
    const { endpoint, file } = await world(200)
    const ran = await deploy(['--function', 'writer', '--zip', file, '--dry-run'], endpoint.env)
    expect([ran.code, ran.out]).toEqual([0, expect.stringContaining('nothing was changed')])
    const { url, env } = endpoint
    const credentials = {
      accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    }
    const client = new LambdaClient({ endpoint: url, region: 'eu-west-1', credentials })
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'writer' }))
    expect(Buffer.from(Payload ?? '').toString()).toContain('placeholder')
  })

  test('fails where the new code is not well, and shows what it says', async () => {
    const { endpoint, file } = await world(500)
    const { code, err } = await deploy(['--function', 'writer', '--zip', file], endpoint.env)
    expect(code).toBe(1)
    expect(err).toContain('writer has the new code, and GET /health answers 500')
  })

  test('says what is wrong in a sentence, without a stack', async () => {
    const { endpoint, file } = await world(200)
    const cases = [
      [[], 'Name the function with --function NAME.'],
      [['--fucntion', 'writer'], "Unknown option '--fucntion'"],
      [['--function', 'writer', '--zip', 'no/such.zip'], 'There is no no/such.zip; run npm run build first'],
      [['--function', 'nobody', '--zip', file], 'There is no function nobody in this account and region'],
      [['--function', 'writer', '--zip', 'package.json'], 'AWS did not take the code for writer'],
    ] as const
    for (const [args, sentence] of cases) {
      const { code, err } = await deploy(args, endpoint.env)
      expect([code, err]).toEqual([1, expect.stringContaining(sentence)])
      expect(err).not.toMatch(/^\s+at /m)
    }
  })

  test('--help tells what it does and needs', async () => {
    const { code, out } = await deploy(['--help'])
    expect(code).toBe(0)
    expect(out).toContain('--function NAME')
    expect(out).toContain('lambda:UpdateFunctionCode')
  })
})
