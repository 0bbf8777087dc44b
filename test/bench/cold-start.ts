import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { createRegistryApi } from '../../client/registry-api.ts'
import { createLambdaTransport } from '../../client/transport/lambda.ts'
import { bundleLambda, LAMBDAS } from '../../scripts/bundle.ts'
import { createAuthority } from '../support/certificates.ts'
import { startFiles } from '../support/lambda/bundles.ts'
import { startLambdaEndpoint } from '../support/lambda/endpoint.ts'
import { directPayload } from '../support/lambda/events.ts'
import { type Answer, type Asked, serve } from '../support/lambda/serve.ts'
import { median } from './median.ts'

/**
 * Cold start of the registry's function: milliseconds from the start of a process until the handler is there, and
 * until it has answered its first resolve, less an empty process. DynamoDB and S3 answer from memory on the
 * loopback interface, so that what is measured is the code; over TLS, as on AWS. Processor time is told as well, as it
 * says more than the clock where other programs run. Needs moto_server for what they answer, and openssl.
 *
 *   node test/bench/cold-start.ts [rounds]
 */
const ROUNDS = Number(process.argv[2] ?? 20)

const { startMoto } = await import('../support/aws/moto.ts')
const { clientsTo, platformTable } = await import('../support/aws/world.ts')
const { CreateTableCommand } = await import('@aws-sdk/client-dynamodb')
const { CreateBucketCommand } = await import('@aws-sdk/client-s3')

const folder = await mkdtemp(join(tmpdir(), 'cold-start-'))
const moto = await startMoto()
const authority = await createAuthority(folder)
const replay = await serve(replaying(moto.port), await authority.certify(['IP:127.0.0.1']))
const env = {
  DYNAMODB_TABLE: 'prompts',
  S3_BUCKET: 'texts',
  AWS_ENDPOINT_URL: replay.url,
  NODE_EXTRA_CA_CERTS: authority.file,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
}
const bundle = await bundleLambda('registry', LAMBDAS.registry, folder)
await makePrompt()

const event = JSON.stringify(directPayload({ path: '/prompts/a' }))
const first = `const answer = await handler(${event}, {}); if (answer.statusCode !== 200) throw new Error(answer.body)`
const programs = {
  empty: await program('empty', ''),
  ready: await program('ready', `const { handler } = await import(${JSON.stringify(bundle.file)})`),
  'first resolve': await program(
    'first',
    `const { handler } = await import(${JSON.stringify(bundle.file)}); ${first}`,
  ),
  'ready, bundled without our settings': await program(
    'plain',
    `await import(${JSON.stringify(await plainBundle())})`,
  ),
}

interface Took {
  /** Milliseconds by the clock. */
  readonly wall: number
  /** Milliseconds of all its threads. */
  readonly cpu: number
}

const took = new Map(Object.keys(programs).map((name): [string, Took[]] => [name, []]))
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, file] of Object.entries(programs)) took.get(name)?.push(await run(file))
}
const empty = took.get('empty') ?? []
const { bytes, files } = await startFiles(bundle.file)
console.log(
  `loaded at a start: ${bytes} of ${bundle.bytes} bytes in ${files} files, zip: ${bundle.zipBytes} bytes, ${ROUNDS} rounds`,
)
console.log('milliseconds, less those of an empty process of the same round: least, median')
for (const [name, all] of took) {
  const figures = (['wall', 'cpu'] as const).map((kind) => {
    const less = all.map((one, round) => one[kind] - (name === 'empty' ? 0 : (empty[round]?.[kind] ?? 0)))
    return `${kind} ${Math.min(...less).toFixed(0)}, ${median(less).toFixed(0)}`
  })
  console.log(`${name}: ${figures.join('; ')}`)
}
await replay.close()
await moto.stop()
await rm(folder, { recursive: true, force: true })

/** Asks the emulator once, and gives the same answer to the same read from then on. */
function replaying(port: number): (asked: Asked) => Promise<Answer> {
  const known = new Map<string, Answer>()
  return async ({ method, path, query, headers, body }) => {
    const target = headers['x-amz-target'] ?? ''
    const key = `${method} ${path}?${query} ${target} ${body}`
    const before = known.get(key)
    if (before !== undefined) return before
    const {
      host: _,
      connection: _kept,
      'content-length': _length,
      'transfer-encoding': _coding,
      expect: _expect,
      ...sent
    } = headers
    const response = await fetch(`http://127.0.0.1:${port}${path}${query && `?${query}`}`, {
      method,
      headers: sent,
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    })
    const {
      connection: _closed,
      'content-encoding': _encoding,
      ...received
    } = Object.fromEntries(response.headers)
    const answer = {
      status: response.status,
      headers: received,
      body: Buffer.from(await response.arrayBuffer()),
    }
    if (method === 'GET' || /\.(GetItem|BatchGetItem|Query)$/.test(target)) known.set(key, answer)
    return answer
  }
}

/** A released prompt of 4 KB, written by the function itself. */
async function makePrompt(): Promise<void> {
  const direct = clientsTo(`http://127.0.0.1:${moto.port}`)
  await direct.dynamodb.send(new CreateTableCommand(platformTable('prompts')))
  await direct.s3.send(new CreateBucketCommand({ Bucket: 'texts' }))
  const writing = { ...env, AWS_ENDPOINT_URL: `http://127.0.0.1:${moto.port}` }
  const endpoint = await startLambdaEndpoint({ functions: { writer: { zip: bundle.zip, env: writing } } })
  const sdk = {
    endpoint: endpoint.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  }
  const registry = createRegistryApi(createLambdaTransport({ functionName: 'writer', sdk }))
  const { version } = await registry.push({ prompt_id: 'a', content: 'x'.repeat(4096) })
  await registry.promote('a', { version, alias: '1.0.0' })
  await endpoint.close()
}

/** What a bundler gives without being told anything. */
async function plainBundle(): Promise<string> {
  const outfile = join(folder, 'without-settings', 'index.mjs')
  const banner = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"
  await build({
    entryPoints: [LAMBDAS.registry],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    banner: { js: banner },
  })
  return outfile
}

async function program(name: string, code: string): Promise<string> {
  const file = join(folder, `${name}.mjs`)
  await writeFile(file, `${code}\nprocess.send(process.cpuUsage())\nprocess.disconnect()\n`)
  return file
}

/** What it took until the process says that it is ready. */
function run(file: string): Promise<Took> {
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    let ready: Took | undefined
    child.once('message', ({ user, system }: NodeJS.CpuUsage) => {
      ready = { wall: performance.now() - start, cpu: (user + system) / 1000 }
      child.kill('SIGKILL')
    })
    child.once('close', () => (ready === undefined ? reject(new Error(`${file} failed`)) : resolve(ready)))
  })
}
