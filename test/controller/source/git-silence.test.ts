import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { GitSourceOptions } from '../../../controller/source/git/index.ts'
import { certificatesMissing, createAuthority } from '../../support/certificates.ts'
import { gitHttpMissing, startGitHttpServer } from '../../support/git-http-server.ts'
import { isolatedGitEnvironment } from '../../support/git-repository.ts'
import { startHttpProxy } from '../../support/http-proxy.ts'
import { startTcpServer } from '../../support/tcp-server.ts'
import { processesWith, skipWithout, sourceOf, withHttpWorld, withWorld } from './git-world.ts'
import { readEverything } from './read-repository.ts'

const noProc = existsSync('/proc/self/cmdline') ? undefined : 'there is no /proc to see processes in'

// Short for a silent host, and long for one that does.
const IMPATIENT = { firstByteMs: 400, silenceMs: 1_000 }
const NO_ANSWER = { code: 'unreachable', message: expect.stringMatching(/did not answer within 1 seconds/) }

const env = (more: Record<string, string>) => ({ ...isolatedGitEnvironment(), ...more })

const listing = (options: GitSourceOptions) =>
  sourceOf({ ...options, timeouts: IMPATIENT })
    .listRefs()
    .catch((error: unknown) => error)

/** An SSH client that runs `lines` in place of a connection; the command for the host is `"$command"`. */
async function sshCommand(folder: string, lines: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'ssh')
  const last = ['for command in "$@"; do :; done']
  await writeFile(path, ['#!/bin/sh', ...last, ...lines, ''].join('\n'))
  await chmod(path, 0o755)
  return path
}

for (const scheme of ['http', 'https'])
  test(`gives up on a host that accepts a connection and sends nothing (${scheme})`, (context) =>
    withWorld(async ({ options }) => {
      skipWithout(context, noProc)
      const silent = await startTcpServer(() => {})
      const repository = `${scheme}://127.0.0.1:${silent.port}/a/b.git`
      expect(await listing(options({ repository }))).toMatchObject(NO_ANSWER)
      expect(await processesWith(repository)).toEqual([])
      await silent.close()
    }))

test('gives up on a host that sends nothing over SSH, and ends the whole process group', (context) =>
  withWorld(async ({ root, options }) => {
    skipWithout(context, noProc)
    const marker = `6${process.pid}`
    const command = await sshCommand(join(root, 'bin'), ['echo "Welcome." >&2', `sleep ${marker}`])
    const reading = listing(
      options({ repository: 'host.example.com:a/b', env: env({ GIT_SSH_COMMAND: command }) }),
    )
    await expect.poll(() => processesWith(`sleep\0${marker}`)).toHaveLength(1)
    expect(await reading).toMatchObject(NO_ANSWER)
    expect(await processesWith(`sleep\0${marker}`)).toEqual([])
  }))

test('gives up on a host that answers the first request of a listing but not the second', (context) =>
  withHttpWorld(context, async ({ repository, options, server }) => {
    await repository.commit({ 'a.txt': '1' })
    server.intercept = ({ method }) => method === 'POST'
    expect(await listing(options())).toMatchObject(NO_ANSWER)
    expect(server.requests.map((request) => request.split(' ')[0])).toEqual(['GET', 'POST'])
  }))

test("does not count a proxy's response to CONNECT as the host's", (context) =>
  withWorld(async ({ root, repository, options }) => {
    skipWithout(context, certificatesMissing() ?? gitHttpMissing())
    await repository.commit({ 'a.txt': '1' })
    const authority = await createAuthority(root)
    const server = await startGitHttpServer({ root, certificate: await authority.certify(['IP:127.0.0.1']) })
    const proxy = await startHttpProxy()
    proxy.mute = true
    const through = env({ https_proxy: proxy.url, GIT_SSL_CAINFO: authority.file })
    const outcome = await listing(options({ repository: `${server.url}/repo/.git`, env: through }))
    expect(outcome).toMatchObject(NO_ANSWER)
    expect(proxy.requests).toHaveLength(1)
    await proxy.close()
    await server.close()
  }))

test('does not cut a slow transfer over HTTP', (context) =>
  withHttpWorld(context, async ({ repository, options, server }) => {
    await repository.commit({ 'a.txt': 'text', 'b.txt': 'text of b' })
    for (let index = 0; index < 4; index++) await repository.tag(`v1.${index}.0`, { annotated: true })
    server.pace = { bytes: 60, pauseMs: 100 }
    // Each answer takes longer than either time.
    const source = sourceOf(options({ timeouts: IMPATIENT }))
    expect(await readEverything(source)).toHaveLength(10)
  }))

test('does not cut a slow transfer over SSH', () =>
  withWorld(async ({ root, repository, options }) => {
    await repository.commit({ 'a.txt': 'text' })
    for (let index = 0; index < 4; index++) await repository.tag(`v1.${index}.0`, { annotated: true })
    const slowly = join(root, 'slowly.mjs')
    await writeFile(
      slowly,
      `import { setTimeout } from 'node:timers/promises'
for await (const chunk of process.stdin)
  for (let at = 0; at < chunk.length; at += 60) {
    await setTimeout(100)
    process.stdout.write(chunk.subarray(at, at + 60))
  }
`,
    )
    const command = await sshCommand(join(root, 'bin'), [
      `eval "$command" | '${process.execPath}' '${slowly}'`,
    ])
    const source = sourceOf(
      options({
        repository: `host.example.com:${repository.path}`,
        env: env({ GIT_SSH_COMMAND: command }),
        timeouts: { firstByteMs: 3_000, silenceMs: 1_000 },
      }),
    )
    expect(await readEverything(source)).toHaveLength(5)
  }))

test('gives up on a transfer that stops in the middle, over HTTP and over SSH', (context) =>
  withHttpWorld(context, async ({ root, repository, options, server }) => {
    await repository.commit({ 'a.txt': '1' })
    server.intercept = ({ method }, response) => {
      if (method !== 'POST') return false
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' })
      response.write('003d')
      return true
    }
    expect(await listing(options())).toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/host 127\.0\.0\.1 stopped answering/),
    })
    const command = await sshCommand(join(root, 'bin'), ['printf 000eversion\\ 2', 'sleep 600'])
    const repositoryThere = `host.example.com:${repository.path}`
    const outcome = await listing(
      options({ repository: repositoryThere, env: env({ GIT_SSH_COMMAND: command }) }),
    )
    expect(outcome).toMatchObject({ code: 'unreachable' })
  }))

test("waits for a slow host if git's configuration rewrites the address to another transport", (context) =>
  withWorld(async ({ root, repository, options }) => {
    skipWithout(context, gitHttpMissing())
    await repository.commit({ 'a.txt': '1' })
    const config = join(root, 'gitconfig')
    await writeFile(config, '[url "host.example.com:"]\n  insteadOf = https://host.example.com/\n')
    const command = await sshCommand(join(root, 'bin'), ['sleep 1', 'eval "$command"'])
    const source = sourceOf(
      options({
        repository: `https://host.example.com/${repository.path}`,
        env: env({ GIT_CONFIG_GLOBAL: config, GIT_SSH_COMMAND: command }),
        timeouts: { firstByteMs: 400, silenceMs: 30_000 },
      }),
    )
    expect((await source.listRefs()).branch).toBe('main')
  }))

test('waits while the host prepares a fetch, but not for its first answer', (context) =>
  withHttpWorld(context, async ({ repository, options, server }) => {
    await repository.commit({ 'a.txt': '1' })
    const patient = sourceOf(options())
    const refs = await patient.listRefs()
    const source = sourceOf(options({ timeouts: { firstByteMs: 400, silenceMs: 30_000 } }))
    server.intercept = async ({ method }) => {
      if (method === 'POST') await once(AbortSignal.timeout(1_000), 'abort')
      return false
    }
    await (await source.open(refs)).close()
    await repository.commit({ 'a.txt': '2' })
    server.intercept = () => false
    const next = await patient.listRefs()
    server.intercept = () => true
    await expect(source.open(next)).rejects.toMatchObject(NO_ANSWER)
  }))

test('does not wait for a daemon that a credential helper leaves behind', (context) =>
  withHttpWorld(context, async ({ root, options }) => {
    const [config, pid] = [join(root, 'gitconfig'), join(root, 'pid')]
    const helper = `!f() { sleep 600 </dev/null >/dev/null 2>&1 & echo $! >${pid}; }; f`
    await writeFile(config, `[credential]\n  helper = "${helper}"\n`)
    const source = sourceOf(options({ credentials: undefined, env: env({ GIT_CONFIG_GLOBAL: config }) }))
    const error = await source.listRefs().catch((reason: unknown) => reason)
    process.kill(Number(await readFile(pid, 'utf8')))
    expect(error).toMatchObject({ code: 'unauthorized' })
  }))
