import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, test, vi } from 'vitest'
import { createRepository, isolatedGitEnvironment } from '../../support/git-repository.ts'
import { type ReceivedSpan, startOtlpReceiver } from '../../support/otlp-receiver.ts'
import { type CliUnderTest, configure, makeCli, words } from './cli-under-test.ts'
import { startServe, urlIn } from './serve-under-test.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** The SDK reads the variables of the process. */
function stubbed(env: Record<string, string>): Record<string, string> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  return env
}

async function withRepository(): Promise<CliUnderTest> {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/a.md': 'a\n', 'prompts/b.md': 'b\n' })
  await repository.tag('v1.0.0')
  await configure(cli.folder, ['{ name: demo, repository: ./repo, branch: main }'])
  return cli
}

const below = (spans: readonly ReceivedSpan[], parent: ReceivedSpan | undefined) =>
  spans.filter(({ parentSpanId, traceId }) => parentSpanId === parent?.spanId && traceId === parent?.traceId)

test('a pass is a trace with a span for each of its steps', async () => {
  const { run } = await withRepository()
  const collector = await startOtlpReceiver()
  const env = stubbed({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-team=prompts',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  })
  expect(await run(['sync'], { env })).toMatchObject({ code: 0, err: '' })
  expect(await run(['sync'], { env })).toMatchObject({ code: 0, err: '' })
  const [first, second] = collector.spans.filter(({ name }) => name === 'pass')
  expect(first).toMatchObject({
    attributes: {
      'prompt_registry.source': 'demo',
      'prompt_registry.pass.result': 'synced',
      'prompt_registry.pass.kind': 'first',
      'prompt_registry.pass.count.pushed': 2,
      'prompt_registry.pass.count.promoted': 2,
    },
  })
  expect(first?.parentSpanId ?? '').toBe('')
  const steps = (pass: ReceivedSpan | undefined) => below(collector.spans, pass).map(({ name }) => name)
  expect(steps(first)).toEqual(['list refs', 'read repository', 'plan', 'apply'])
  expect(second?.attributes['prompt_registry.pass.result']).toBe('unchanged')
  expect(steps(second)).toEqual(['list refs'])
  expect(collector.resource).toMatchObject({
    'service.name': 'prompt-registry',
    'deployment.environment.name': 'test',
  })
  expect(collector.headers[0]).toMatchObject({ 'content-type': 'application/json', 'x-team': 'prompts' })
})

test('a pass that fails is an error, with the failed step below it', async () => {
  const { run, folder } = await makeCli()
  await configure(folder, ['{ name: demo, repository: ./missing }'])
  const collector = await startOtlpReceiver()
  const env = stubbed({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  expect((await run(['sync'], { env })).code).toBe(1)
  const pass = collector.spans.find(({ name }) => name === 'pass')
  expect(pass).toMatchObject({ status: { code: 2 }, attributes: { 'prompt_registry.pass.result': 'failed' } })
  expect(below(collector.spans, pass)).toMatchObject([{ name: 'list refs', status: { code: 2 } }])
})

test('a request is a span by its route, and continues the trace of its caller', async () => {
  const cli = await withRepository()
  const collector = await startOtlpReceiver()
  const env = stubbed({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces` })
  const serving = startServe(cli, 'serve --port 0', env)
  const url = urlIn(await serving.until(/The registry is at[\s\S]*demo: /))
  const [traceId, caller] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}`, { headers })
    await response.arrayBuffer()
    return response
  }
  const { headers } = await get('/prompts/a', { traceparent: `00-${traceId}-${caller}-01` })
  // Without traces, this one would be answered from kept responses.
  await get('/prompts/a', { 'if-none-match': headers.get('etag') ?? '', traceparent: 'nonsense' })
  await get('/prompts/unknown')
  await get('/no/such/route')
  await get('/prompts/a', { traceparent: `00-${traceId}-${caller}-00` })
  await serving.end()
  const requests = collector.spans.filter(({ kind }) => kind === 2)
  expect(requests.map(({ name, attributes }) => [name, attributes['http.response.status_code']])).toEqual([
    ['GET /prompts/{ref}', 200],
    ['GET /prompts/{ref}', 304],
    ['GET /prompts/{ref}', 404],
    ['HTTP', 404],
  ])
  expect(requests[0]).toMatchObject({
    traceId,
    parentSpanId: caller,
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/prompts/{ref}',
      'url.path': '/prompts/a',
      'url.scheme': 'http',
    },
  })
  expect(requests[1]?.traceId).not.toBe(traceId)
  expect(requests[3]?.attributes).not.toHaveProperty('http.route')
  expect(collector.spans.filter(({ name }) => name === 'pass')).toHaveLength(1)
})

test('a collector that is unreachable is reported once, and changes nothing else', async () => {
  const { run } = await withRepository()
  const env = stubbed({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_EXPORTER_OTLP_TIMEOUT: '500',
  })
  const { code, out, err } = await run(['sync'], { env })
  expect([code, out]).toEqual([0, expect.stringContaining('demo: synced')])
  expect(err).toBe(
    'Traces cannot be sent: connect ECONNREFUSED 127.0.0.1:9. Check OTEL_EXPORTER_OTLP_ENDPOINT.\n',
  )
})

test('OpenTelemetry is loaded only with an endpoint, and need not be installed', async () => {
  const { folder } = await withRepository()
  const hooks = join(folder, 'hooks.mjs')
  await writeFile(
    hooks,
    `import { registerHooks } from 'node:module'
    import { writeFileSync } from 'node:fs'
    const loaded = new Set()
    const missing = (name) => Object.assign(new Error(name), { code: 'ERR_MODULE_NOT_FOUND' })
    registerHooks({
      resolve(name, context, next) {
        if (process.env.MISSING && name.startsWith('@opentelemetry/')) throw missing(name)
        return next(name, context)
      },
      load(url, context, next) { if (url.includes('@opentelemetry')) loaded.add(url); return next(url, context) } })
    process.on('exit', () => writeFileSync(process.env.LOADED, String(loaded.size)))`,
  )
  const collector = await startOtlpReceiver()
  const loadedBy = async (env: Record<string, string>) => {
    const LOADED = join(folder, 'loaded')
    const { stderr } = await promisify(execFile)(
      process.execPath,
      ['--import', hooks, join(process.cwd(), 'bin/promptctl.js'), ...words('sync')],
      { cwd: folder, env: { ...isolatedGitEnvironment(), ...env, LOADED } },
    )
    // A slow pass shows its progress.
    const told = stderr.replaceAll(/^demo: .*\n/gm, '')
    return { loaded: Number(await readFile(LOADED, 'utf8')), stderr: told }
  }
  expect(await loadedBy({})).toEqual({ loaded: 0, stderr: '' })
  const off = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: 'true' }
  expect(await loadedBy(off)).toMatchObject({ loaded: 0 })
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
  const { loaded } = await loadedBy(on)
  expect(loaded).toBeGreaterThan(10)
  expect(collector.spans.map(({ name }) => name)).toContain('pass')
  expect(await loadedBy({ ...on, MISSING: '1' })).toEqual({
    loaded: 0,
    stderr: expect.stringMatching(/^No traces: OpenTelemetry is not installed\. Run: npm install @open.*\n$/),
  })
})
