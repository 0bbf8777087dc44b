import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { configure, makeCli, openEmbedded, words } from './cli-under-test.ts'

const TOKEN = 'a-secret-of-the-test'

type Tail<T extends unknown[]> = T extends [unknown, ...infer Others] ? Others : never

/** A registry that listens, on a file of its own. */
async function startRegistry(folder: string, ...settings: Partial<Tail<Parameters<typeof openEmbedded>>>) {
  const registry = openEmbedded(join(folder, 'remote.db'), ...settings)
  const server = await registry.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await server.close()
    registry.close()
  })
  return server.url
}

test('--registry and PROMPT_REGISTRY_URL use a remote registry and create no file', async () => {
  const { run, folder } = await makeCli()
  const url = await startRegistry(folder)
  const pushed = await run(words(`push support/a - --version one --registry ${url}`), { stdin: 'text' })
  expect(pushed).toMatchObject({ code: 0, err: '' })
  const env = { PROMPT_REGISTRY_URL: url }
  expect((await run(words('promote support/a one'), { env })).out).toContain('stable is now one')
  expect((await run(words('get support/a'), { env })).out).toBe('text')
  expect((await run(words('unhold support/a'), { env })).out).toContain('not on hold')
  expect((await run(words('list -o json'), { env })).json<{ prompts: unknown[] }>().prompts).toHaveLength(1)
  expect((await run(words('list'))).err).toContain('does not exist. Run promptctl serve')
  const { err } = await run(['list'], { env: { PROMPT_REGISTRY_URL: '' } })
  expect(err).toContain('does not exist. Run promptctl serve')
})

test('--registry wins over the variable, and both over the configuration', async () => {
  const { run, folder, withApi } = await makeCli()
  await withApi((api) => api.push({ prompt_id: 'here', content: 'text' }))
  const url = await startRegistry(folder)
  await run(words(`push there --registry ${url}`), { stdin: 'text' })
  expect((await run(['list'])).out).toContain('\nhere ')
  expect((await run(['list'], { env: { PROMPT_REGISTRY_URL: url } })).out).toContain('\nthere ')
  const env = { PROMPT_REGISTRY_URL: 'http://127.0.0.1:9' }
  expect((await run(words(`list --registry ${url}`), { env })).out).toContain('\nthere ')
})

test('a configuration can name the registry and the variable of its token', async () => {
  const { run, folder } = await makeCli()
  const url = await startRegistry(folder, [{ name: 'ci', access: 'admin', sources: [], token: TOKEN }])
  await configure(folder, [], `registry: { url: "${url}", tokenEnv: MY_TOKEN }`)
  expect(await run(['push', 'a'], { stdin: 'text', env: { MY_TOKEN: TOKEN } })).toMatchObject({ code: 0 })
  const events = await run(words('events a -o json'), { env: { MY_TOKEN: TOKEN } })
  expect(events.json<{ events: { actor: string }[] }>().events[0]?.actor).toBe('ci')
})

test('a token comes from PROMPT_REGISTRY_TOKEN, and no output shows it', async () => {
  const { run, folder } = await makeCli()
  const url = await startRegistry(folder, [{ name: 'reader', access: 'read', sources: [], token: TOKEN }])
  const ask = (line: string, token: string) =>
    run(words(`${line} --registry ${url}`), { stdin: 'text', env: { PROMPT_REGISTRY_TOKEN: token } })

  expect(await ask('list', TOKEN)).toMatchObject({ code: 0 })
  const none = await ask('list', '')
  expect(none.code).toBe(1)
  expect(none.err).toMatch(/requires a token.+PROMPT_REGISTRY_TOKEN\. \[unauthorized\]\n$/)
  const wrong = await ask('list', 'another-secret')
  expect([wrong.code, wrong.err.includes('another-secret')]).toEqual([1, false])
  const denied = await ask('push a', TOKEN)
  expect(denied.code).toBe(1)
  expect(denied.err).toMatch(/ \[forbidden\]\n$/)
  const odd = await ask('list', 'two words')
  expect([odd.code, odd.err.includes('two words')]).toEqual([2, false])
  for (const ran of [none, wrong, denied, odd]) expect(ran.out + ran.err).not.toContain(TOKEN)
})

test('an address with a password is refused without showing it', async () => {
  const { run } = await makeCli()
  const { code, err } = await run(words('list --registry http://ada:hunter2@127.0.0.1:9'))
  expect(code).toBe(2)
  expect(err).toContain('remove them and pass a token instead')
  expect(err).not.toContain('hunter2')
})

test('an unreachable registry is named, with what to check', async () => {
  const { run } = await makeCli()
  const port = await freePort()
  const { code, out, err } = await run(words(`list --registry http://127.0.0.1:${port}`))
  expect([code, out]).toEqual([1, ''])
  expect(err).toBe(
    `error: The registry at http://127.0.0.1:${port} could not be reached (ECONNREFUSED); check that it runs and that the address is right. [unreachable]\n`,
  )
})

test('an address where something else answers is told as that, with its control characters made visible', async () => {
  const { run } = await makeCli()
  const server = createServer((request, response) => {
    const page = request.url?.startsWith('/prompts?') ? '<html>' : '{"error":"no\\u001b[2J","code":"teapot"}'
    response.writeHead(request.url?.startsWith('/prompts?') ? 200 : 418).end(page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const page = await run(words(`list --registry ${url}`))
  expect([page.code, page.out]).toEqual([1, ''])
  expect(page.err).toMatch(/not with JSON; is this the address of a prompt registry\? \[bad_answer\]\n$/)
  const other = await run(words(`get a --registry ${url}`))
  expect(other.err).toMatch(/^error: no⟨U\+001B⟩\[2J \[\w+\]\n$/)
})

test('sync and plan use the local configuration with a remote registry', async () => {
  const { run, folder } = await makeCli()
  const url = await startRegistry(folder, [{ name: 'ci', access: 'write', sources: ['demo'], token: TOKEN }])
  const repository = await createRepository(join(folder, 'repo'))
  await repository.commit({ 'prompts/triage.md': 'released\n' })
  await repository.tag('v1.0.0')
  await configure(folder, ['{ name: demo, repository: ./repo, branch: main }'])
  const env = { PROMPT_REGISTRY_URL: url, PROMPT_REGISTRY_TOKEN: TOKEN }
  expect((await run(['plan'], { env })).out).toMatch(/^demo: push 1, promote 1 at main /)
  expect((await run(['sync'], { env })).out).toMatch(/: 1 pushed, 1 promoted\n$/)
  expect((await run(['get', 'triage'], { env })).out).toBe('released\n')
})

test('a token that sees no drafts learns that the state of a source is hidden, not that it was never synced', async () => {
  const { run, folder } = await makeCli()
  const writer = 'a-writer-of-the-test'
  const tokens = [
    { name: 'ci', access: 'write' as const, sources: ['demo'], token: writer },
    { name: 'agents', access: 'read' as const, sources: [], token: TOKEN },
  ]
  const url = await startRegistry(folder, tokens, ['production'])
  const repository = await createRepository(join(folder, 'repo'))
  await repository.commit({ 'prompts/triage.md': 'draft\n', 'prompts/plan.md': '' })
  await configure(folder, ['{ name: demo, repository: ./repo, branch: main }'])
  const ask = (line: string, token: string) =>
    run(words(line), { env: { PROMPT_REGISTRY_URL: url, PROMPT_REGISTRY_TOKEN: token } })
  await ask('sync', writer)
  expect((await ask('sources demo', writer)).out).toContain('quarantined prompts/plan.md')

  const HIDDEN = 'hidden: this token sees no drafts; use one with write access\n'
  const all = await ask('sources', TOKEN)
  expect([all.code, all.err]).toEqual([0, HIDDEN])
  expect(all.out).toMatch(/\ndemo +hidden +- +- +- +-\n$/)
  const one = await ask('sources demo', TOKEN)
  expect([one.code, one.err]).toEqual([0, ''])
  expect(one.out).toContain(`  state    ${HIDDEN}`)
  for (const { out } of [all, one, await ask('sources demo -o json', TOKEN)])
    expect(out).not.toMatch(/plan\.md|never|nothing yet/)
  const plan = await ask('plan', TOKEN)
  expect([plan.code, plan.out]).toEqual([1, ''])
  expect(plan.err).toMatch(
    /^error: demo: .+ hides the state of the source "demo".+write access\. \[forbidden\]\n$/,
  )
})

/** A port where nothing listens: one that was just given back. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
