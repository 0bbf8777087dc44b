import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { type MetricFamily, parseOpenMetrics } from '../../support/open-metrics.ts'
import { configure, dropTables, makeCli, words } from './cli-under-test.ts'
import { startServe, urlIn } from './serve-under-test.ts'

const TOKEN = 'a-token-of-twenty-characters'
const REGISTRY = 'registry: { tokens: [{ name: agents, access: read, env: AGENTS_TOKEN }] }'
const env = { AGENTS_TOKEN: TOKEN }
const headers = { authorization: `Bearer ${TOKEN}` }

type Scraped = ReadonlyMap<string, MetricFamily>

async function scrape(url: string, init: RequestInit = {}): Promise<Scraped> {
  const response = await fetch(url, init)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe(
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
  )
  return parseOpenMetrics(await response.text())
}

/** The value of the sample with these labels, or undefined. */
function sampleValue(metrics: Scraped, family: string, labels: object, suffix = ''): number | undefined {
  const text = JSON.stringify(labels)
  return metrics
    .get(family)
    ?.samples.find((one) => one.name === family + suffix && JSON.stringify(one.labels) === text)?.value
}

async function servingDemo(metrics = '') {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/triage.md': 'released\n', 'prompts/bad.md': '---\na: [\n---\nx' })
  await repository.tag('v1.0.0')
  await configure(cli.folder, ['{ name: demo, repository: ./repo, branch: main }'], `${REGISTRY}\n${metrics}`)
  const serving = startServe(cli, 'serve --port 0', env)
  const out = await serving.until(/demo: synced at /)
  return { cli, serving, url: urlIn(out), out, repository }
}

test('GET /metrics shows passes, findings, git calls and the event loop to a reader', async () => {
  const { url } = await servingDemo()
  const before = Date.now() / 1000
  const metrics = await scrape(`${url}/metrics`, { headers })
  expect(sampleValue(metrics, 'prompt_registry_passes', { source: 'demo', result: 'synced' }, '_total')).toBe(
    1,
  )
  expect(sampleValue(metrics, 'prompt_registry_pass_duration_seconds', {}, '_count')).toBe(1)
  expect(sampleValue(metrics, 'prompt_registry_findings', { source: 'demo', code: 'quarantined' })).toBe(1)
  const complete = sampleValue(metrics, 'prompt_registry_last_complete_pass_timestamp_seconds', {
    source: 'demo',
  })
  expect(complete).toBeGreaterThan(before - 3600)
  for (const call of ['list_refs', 'open'])
    expect(sampleValue(metrics, 'prompt_registry_git_calls', { call, result: 'ok' }, '_total')).toBe(1)
  expect(sampleValue(metrics, 'nodejs_eventloop_lag_p99_seconds', {})).toBeGreaterThan(0)
})

test('requests are counted by route and status, those with a kept response too', async () => {
  const { url } = await servingDemo()
  const first = await fetch(`${url}/prompts/triage`, { headers })
  await first.text()
  const etag = first.headers.get('etag') ?? ''
  for (const known of [{}, {}, { 'if-none-match': etag }])
    await (await fetch(`${url}/prompts/triage`, { headers: { ...headers, ...known } })).text()
  await (await fetch(`${url}/prompts/nosuch`, { headers })).text()
  await (await fetch(`${url}/nosuch/route`, { headers })).text()
  await (await fetch(`${url}/prompts/triage`)).text()
  const metrics = await scrape(`${url}/metrics`, { headers })
  const requests = (labels: object) => sampleValue(metrics, 'prompt_registry_http_requests', labels, '_total')
  const resolve = { method: 'GET', route: '/prompts/{ref}' }
  expect(requests({ ...resolve, status: '200' })).toBe(3)
  expect(requests({ ...resolve, status: '304' })).toBe(1)
  expect(requests({ ...resolve, status: '404' })).toBe(1)
  expect(requests({ ...resolve, status: '401' })).toBe(1)
  expect(requests({ method: 'other', route: 'none', status: '404' })).toBe(1)
  const hits = { route: '/prompts/{ref}' }
  expect(sampleValue(metrics, 'prompt_registry_kept_response_hits', hits, '_total')).toBe(3)
  expect(sampleValue(metrics, 'prompt_registry_resolve_duration_seconds', {}, '_count')).toBe(3)
  // The controller's own calls do not come from outside.
  const samples = metrics.get('prompt_registry_http_requests')?.samples ?? []
  expect(samples.filter(({ labels }) => labels.route?.startsWith('/sources'))).toEqual([])
})

test('GET /metrics needs a token, and has one path and one method', async () => {
  const { url } = await servingDemo()
  const refused = await fetch(`${url}/metrics`)
  expect([refused.status, await refused.json()]).toMatchObject([401, { code: 'unauthorized' }])
  expect((await fetch(`${url}/metrics/more`, { headers })).status).toBe(404)
  expect((await fetch(`${url}/metrics`, { method: 'POST', headers })).status).toBe(405)
})

test('with a port of their own, the metrics need no token and show nothing else', async () => {
  const { out } = await servingDemo('metrics: { port: 0 }')
  const at = /The metrics are at (http:\/\/127\.0\.0\.1:\d+\/metrics)\n/.exec(out)?.[1] ?? ''
  expect((await scrape(at)).has('prompt_registry_passes')).toBe(true)
  expect((await fetch(new URL('/prompts/triage', at))).status).toBe(404)
})

test('a port of the metrics that is in use is an error that names the key', async () => {
  const cli = await makeCli()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  await configure(cli.folder, [], `metrics: { port: ${port} }`)
  const { code, err } = await cli.run(words('serve --port 0'))
  expect([code, err]).toEqual([1, expect.stringContaining('choose another port with metrics.port.')])
})

test('until the first pass, a source has the metrics of its stored state', async () => {
  const { cli, serving, repository } = await servingDemo()
  await serving.end()
  // The repository is gone, so no pass of the next process is complete.
  await repository.commit({ 'prompts/triage.md': 'x' })
  await configure(cli.folder, ['{ name: demo, repository: ./gone, branch: main }'], REGISTRY)
  const again = startServe(cli, 'serve --port 0', env)
  const url = urlIn(await again.until(/demo: failed/))
  const metrics = await scrape(`${url}/metrics`, { headers })
  const source = 'demo'
  expect(
    sampleValue(metrics, 'prompt_registry_last_complete_pass_timestamp_seconds', { source }),
  ).toBeGreaterThan(0)
  expect(sampleValue(metrics, 'prompt_registry_findings', { source, code: 'pass_failed' })).toBe(1)
  expect(sampleValue(metrics, 'prompt_registry_findings', { source, code: 'quarantined' })).toBe(1)
})

test('the metrics are readable while the registry is broken', async () => {
  const { cli, url } = await servingDemo()
  dropTables(cli.database)
  expect((await fetch(`${url}/prompts`, { headers })).status).toBeGreaterThanOrEqual(500)
  const metrics = await scrape(`${url}/metrics`, { headers })
  const { samples = [] } = metrics.get('prompt_registry_http_requests') ?? {}
  expect(samples.some(({ labels }) => Number(labels.status) >= 500)).toBe(true)
})

test('a controller of a remote registry has metrics of its passes on their own port', async () => {
  const { url: registry, cli: first } = await servingDemo()
  const cli = await makeCli()
  await first.withApi((api) => api.health())
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/other.md': 'x\n' })
  await configure(
    cli.folder,
    ['{ name: other, repository: ./repo, branch: main }'],
    `registry: { url: "${registry}", tokenEnv: AGENTS_TOKEN }\nmetrics: { port: 0 }`,
  )
  const serving = startServe(cli, 'serve --port 0', env)
  const out = await serving.until(/other: /)
  const at = /The metrics are at (\S+)\n/.exec(out)?.[1] ?? ''
  const metrics = await scrape(at)
  expect(metrics.get('prompt_registry_passes')?.samples.map(({ labels }) => labels.source)).toEqual(['other'])
  expect(metrics.get('prompt_registry_http_requests')?.samples).toEqual([])
})
