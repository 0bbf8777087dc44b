import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { startTcpServer } from '../../support/tcp-server.ts'
import { configure, dropTables, makeCli, words } from './cli-under-test.ts'
import { startServe, urlIn } from './serve-under-test.ts'

test('serve on port 0 prints the real address of the registry, and exits with 0 when stopped', async () => {
  const cli = await makeCli()
  const serving = startServe(cli)
  const url = urlIn(await serving.until(/No sources to watch/))
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok' })
  expect((await cli.run(words(`push a --registry ${url}`), { stdin: 'text' })).code).toBe(0)
  expect(await serving.end()).toMatchObject({ code: 0, err: '' })
  await expect(fetch(`${url}/health`)).rejects.toThrow()
})

test('serve watches the sources and prints the result of the first pass, with the time', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/triage.md': 'released\n' })
  await repository.tag('v1.0.0')
  await configure(cli.folder, ['{ name: demo, repository: ./repo, branch: main }'])
  const serving = startServe(cli)
  const url = urlIn(
    await serving.until(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}demo: synced at \w+: 1 pushed, 1 promoted\n/m),
  )
  expect(await (await fetch(`${url}/prompts/triage`)).json()).toMatchObject({ content: 'released\n' })
  expect((await cli.run(['get', 'triage'])).out).toBe('released\n')
  expect(await serving.end()).toMatchObject({ code: 0, err: '' })
})

test('serve exits with 0 when stopped during its first pass', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/triage.md': 'text\n' })
  await configure(cli.folder, ['{ name: demo, repository: ./repo, branch: main }'])
  const serving = startServe(cli)
  await serving.until(/The registry is at/)
  expect(await serving.end()).toMatchObject({ code: 0, err: '' })
})

test('serve logs the cause of a failure, and hides it from callers', async () => {
  const cli = await makeCli()
  const serving = startServe(cli)
  const url = urlIn(await serving.until(/No sources to watch/))
  dropTables(cli.database)
  const answer = await fetch(`${url}/prompts`)
  expect(answer.status).toBeGreaterThanOrEqual(500)
  expect(await answer.text()).not.toContain('no such table')
  const { err } = await serving.end()
  expect(JSON.parse(err)).toMatchObject({
    level: 'error',
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/),
    message: 'GET /prompts failed',
    error: expect.arrayContaining([expect.stringContaining('no such table')]),
  })
})

test('a port in use is an error with the next step', async () => {
  const { run } = await makeCli()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const { code, err } = await run(words(`serve --port ${port}`))
  expect([code, err]).toEqual([
    1,
    `error: Cannot listen on 127.0.0.1, port ${port}: the port is in use; stop the other program, or choose another port with --port. [EADDRINUSE]\n`,
  ])
})

test('without tokens, serve refuses a public address', async () => {
  const { run } = await makeCli()
  const { code, err } = await run(words('serve --port 0 --host 0.0.0.0'))
  expect(code).toBe(1)
  expect(err).toMatch(/Without tokens .+ --host 127\.0\.0\.1\. \[forbidden\]\n$/)
})

test('serve lists the webhooks, fails early on a missing secret, and shows no secret', async () => {
  const cli = await makeCli()
  await createRepository(join(cli.folder, 'repo')).then(({ commit }) => commit({ 'prompts/a.md': 'text\n' }))
  const hook = (more: string) => `webhook: { secretEnv: HOOK${more} }`
  await configure(cli.folder, [
    `{ name: a, repository: ./repo, ${hook('')} }`,
    `{ name: b, repository: ./repo, ${hook(', nextSecretEnv: NEXT, host: gitlab')} }`,
    '{ name: c, repository: ./repo }',
  ])
  const refused = await cli.run(words('serve --port 0'), { env: { NEXT: 'hidden' } })
  expect([refused.code, refused.out]).toEqual([2, ''])
  expect(refused.err).toMatch(/^error: .+ HOOK, which is not set.+ \[invalid_config\]\n$/)

  const serving = startServe(cli, 'serve --port 0', { HOOK: 'hidden' })
  const out = await serving.until(/c: synced/)
  const url = urlIn(out)
  expect(out.split('\n').filter((line) => line.startsWith('Webhooks'))).toEqual([
    `Webhooks for a from any sender: ${url}/webhooks/a`,
    `Webhooks for b from GitLab: ${url}/webhooks/b`,
  ])
  const ended = await serving.end()
  expect([ended.code, ended.err]).toEqual([0, ''])
  expect(ended.out).not.toContain('hidden')
})

test('a good source is in the registry while eight repositories of a silent host wait for it', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/a.txt': 'a\n' })
  const silent = await startTcpServer(() => {})
  onTestFinished(() => silent.close())
  const host = `http://127.0.0.1:${silent.port}`
  const stuck = Array.from({ length: 8 }, (_, n) => `{ name: s${n}, repository: "${host}/a/${n}.git" }`)
  await configure(cli.folder, [...stuck, '{ name: good, repository: ./repo }'])
  const serving = startServe(cli)
  const out = await serving.until(/ {2}good: /)
  // None of the others has given up yet.
  expect(out).not.toMatch(/ {2}s\d: /)
  const url = urlIn(out)
  expect(await (await fetch(`${url}/prompts/a?mode=dev`)).json()).toMatchObject({ content: 'a\n' })
  expect((await serving.end()).code).toBe(0)
})
