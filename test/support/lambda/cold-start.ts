import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createAuthority } from '../certificates.ts'
import { scratchFolder } from '../scratch.ts'
import { directPayload } from './events.ts'
import { type Answer, type Asked, serve } from './serve.ts'

/** A busy machine takes longer than a request may. */
const LONG_TIMERS = new URL('../../infra/support/long-timers.ts', import.meta.url).href

/** The files that a process loads from its start to the response to its first request. */
export interface ColdStart {
  readonly status: number
  readonly document: unknown
  /** Files of the bundle that were not loaded before the request. */
  readonly onDemand: readonly string[]
  /** Modules of Node itself, such as `http`. */
  readonly builtins: readonly string[]
}

/**
 * Starts the bundle in a process of its own, on a table and a bucket with one seeded prompt `a`, and sends a GET. As on
 * AWS, both are reached over TLS: for HTTP, the SDK loads modules of Node that load `fetch`.
 */
export async function coldStart(bundle: string, path: string, query = ''): Promise<ColdStart> {
  const folder = await scratchFolder()
  const authority = await createAuthority(folder)
  const aws = await serve(async (asked) => seeded(asked), await authority.certify(['IP:127.0.0.1']))
  try {
    const program = join(folder, 'cold-start.mjs')
    const event = { ...directPayload({ path }), rawQueryString: query }
    await writeFile(program, programOf(bundle, event))
    const env = {
      DYNAMODB_TABLE: 'prompts',
      S3_BUCKET: 'texts',
      AWS_ENDPOINT_URL: aws.url,
      NODE_EXTRA_CA_CERTS: authority.file,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      LOG_LEVEL: 'SILENT',
    }
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', LONG_TIMERS, program], {
      env,
    })
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as ColdStart
  } finally {
    await aws.close()
  }
}

function programOf(bundle: string, event: object): string {
  return `
import { registerHooks } from 'node:module'
const files = []
registerHooks({ load(url, context, next) { files.push(url); return next(url, context) } })
const { handler } = await import(${JSON.stringify(pathToFileURL(bundle).href)})
const before = files.length
const { statusCode: status, body } = await handler(${JSON.stringify(event)}, {})
const onDemand = files.slice(before).filter((url) => url.startsWith('file:')).map((url) => url.split('/').at(-1))
const builtins = process.moduleLoadList.filter((name) => name.startsWith('NativeModule ')).map((name) => name.slice(13))
console.log(JSON.stringify({ status, document: JSON.parse(body), onDemand, builtins }))
`
}

/** The answers of DynamoDB and S3. */
function seeded({ headers }: Asked): Answer {
  const json = (body: object) => ({
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify(body),
  })
  const operation = headers['x-amz-target']?.split('.')[1]
  if (operation === undefined) return { status: 200, headers: { etag: '"1"' }, body: 'You sort tickets.' }
  if (operation === 'GetItem') return json({})
  if (operation === 'BatchGetItem') return json({ Responses: { prompts: [] }, UnprocessedKeys: {} })
  const row = { prompt_key: 'a', version: '1.0.0', status: 'stable', s3_key: 'a/1.0.0.txt' }
  const Items = [Object.fromEntries(Object.entries(row).map(([name, S]) => [name, { S }]))]
  return json({ Items, Count: 1, ScannedCount: 1 })
}
