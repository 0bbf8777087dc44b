import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { startLambdaEndpoint } from '../../support/lambda/endpoint.ts'
import { writeFunction } from '../../support/lambda/functions.ts'
import { configure, makeCli, openEmbedded, words } from './cli-under-test.ts'

/** Hands on what it is invoked with to a registry that listens. */
const HANDS_ON = (url: string) => `
  const query = new URLSearchParams(event.queryStringParameters ?? {})
  const answer = await fetch('${url}' + event.rawPath + '?' + query, {
    method: event.requestContext.http.method, headers: event.headers, body: event.body })
  return { statusCode: answer.status, body: await answer.text() }`

async function makePlatform() {
  const cli = await makeCli()
  const tokens = [{ name: 'ops', access: 'admin' as const, sources: [], token: 'hush-hush-hush-hush-hush' }]
  const registry = openEmbedded(join(cli.folder, 'remote.db'), tokens)
  const server = await registry.listen({ host: '127.0.0.1', port: 0 })
  const endpoint = await startLambdaEndpoint({
    functions: { 'acme-registry': { bundle: await writeFunction(HANDS_ON(server.url)) } },
  })
  for (const [name, value] of Object.entries(endpoint.env)) vi.stubEnv(name, value)
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await endpoint.close()
    await server.close()
    registry.close()
  })
  return cli
}

test('every command invokes the function that the configuration names', async () => {
  const { run, folder } = await makePlatform()
  const repository = await createRepository(join(folder, 'prompts-repo'))
  await repository.commit({ 'prompts/a.txt': 'text' })
  await repository.tag('v1.0.0')
  const registry = 'registry: { function: acme-registry, tokenEnv: OPS }'
  await configure(folder, ['{ name: demo, repository: ./prompts-repo }'], registry)
  const env = { OPS: 'hush-hush-hush-hush-hush' }
  expect(await run(['sync'], { env })).toMatchObject({ code: 0, err: '' })
  expect((await run(words('get a --mode production'), { env })).out).toBe('text')
  expect((await run(['sync'], { env })).out).toContain('unchanged')

  await configure(folder, [], 'registry: { function: another }')
  const { code, err } = await run(['list'], { env })
  expect([code, err]).toEqual([1, expect.stringContaining('another')])
  expect(err).not.toContain('hush')
})
