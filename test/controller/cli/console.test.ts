import { expect, onTestFinished, test } from 'vitest'
import { adminApi } from '../../support/admin-api.ts'
import { makeCli, openEmbedded, type Ran, words } from './cli-under-test.ts'

/** Runs `promptctl console`, and returns its address when it is printed. */
async function startConsoleCommand(
  line: string,
  env: Readonly<Record<string, string>> = {},
  cli = makeCli(),
): Promise<{ url: string; end: () => Promise<Ran> }> {
  const stop = new AbortController()
  const { run } = await cli
  let running: Promise<Ran> | undefined
  const url = await new Promise<string>((resolve, reject) => {
    const onOutput = (all: string) => {
      const address = /The console is at (\S+)/.exec(all)?.[1]
      if (address !== undefined) resolve(address)
    }
    running = run(words(line), { env, signal: stop.signal, onOutput })
    running.then(({ err }) => reject(new Error(err)), reject)
  })
  const end = async () => {
    stop.abort(new Error('ended by the test'))
    return (await running) as Ran
  }
  onTestFinished(async () => void (await end()))
  return { url, end }
}

test('console shows a remote registry, with the token of the person who started it', async () => {
  const registry = openEmbedded(':memory:', [
    { name: 'ada', access: 'read', sources: [], token: 'reader-token-0123456789abcde' },
  ])
  onTestFinished(() => registry.close())
  await adminApi(registry).push({ prompt_id: 'support/triage', content: 'Sort it.' })
  const server = await registry.listen({ host: '127.0.0.1', port: 0, closeWithinMs: 0 })
  onTestFinished(() => server.close())
  const env = { PROMPT_REGISTRY_TOKEN: 'reader-token-0123456789abcde' }
  const { url, end } = await startConsoleCommand(`console --port 0 --registry ${server.url}`, env)
  const page = await (await fetch(url)).text()
  expect(page).toContain('support/triage')
  expect(page).toContain(server.url)
  expect(page).not.toContain('reader-token')
  expect((await end()).code).toBe(0)
})

test('console shows a registry that refuses the credentials as the reason, not as a form for a token', async () => {
  const registry = openEmbedded(':memory:', [
    { name: 'ada', access: 'read', sources: [], token: 'reader-token-0123456789abcde' },
  ])
  onTestFinished(() => registry.close())
  const server = await registry.listen({ host: '127.0.0.1', port: 0, closeWithinMs: 0 })
  onTestFinished(() => server.close())
  const env = { PROMPT_REGISTRY_TOKEN: 'another-token-0123456789abc' }
  const { url } = await startConsoleCommand(`console --port 0 --registry ${server.url}`, env)
  const answer = await fetch(url)
  const page = await answer.text()
  expect(answer.status).toBe(401)
  expect(page).toContain('The bearer token is unknown')
  expect(page).not.toContain('type="password"')
})

test('console shows that a registry cannot be reached, and continues', async () => {
  const { url } = await startConsoleCommand('console --port 0 --registry http://127.0.0.1:9')
  const answer = await fetch(url)
  expect(answer.status).toBe(503)
  expect(await answer.text()).toContain('The registry does not answer')
})

test('console works on a registry file', async () => {
  const cli = await makeCli()
  await cli.withApi((api) => api.push({ prompt_id: 'a', content: 'text' }))
  const { url } = await startConsoleCommand('console --port 0', {}, Promise.resolve(cli))
  expect(await (await fetch(url)).text()).toContain('href="/console/prompts/a"')
})
