import { rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type CliUnderTest, configure, makeCli, words } from '../controller/cli/cli-under-test.ts'
import { createRepository } from '../support/git-repository.ts'

/** A failure is what it is, with its cause in one line, wherever people look. */

interface Shown {
  readonly sync: string
  readonly plan: string
  readonly json: { readonly message: string; readonly cause: string | null }
  readonly page: string
  readonly log: { readonly level: string; readonly message: string; readonly cause?: string }
}

/** What each place shows of the source `s`. */
async function lookEverywhere({ run }: CliUnderTest): Promise<Shown> {
  const sync = await run(['sync'])
  expect(sync.code).toBe(1)
  const plan = await run(['plan'])
  expect(plan.code).toBe(1)
  const { passes } = (await run(words('sync -o json'))).json<{ passes: Shown['json'][] }>()
  const page = (await run(words('sources s'))).out
  return {
    sync: sync.out,
    plan: plan.err,
    json: passes[0] as Shown['json'],
    page,
    log: await firstLogLine(run),
  }
}

async function firstLogLine(run: CliUnderTest['run']): Promise<Shown['log']> {
  const stop = new AbortController()
  let line = ''
  await run(words('serve --port 0 --log json'), {
    signal: stop.signal,
    onError: (all) => {
      line = all.split('\n')[0] ?? ''
      if (all.includes('\n')) stop.abort(new Error('ended by the test'))
    },
  })
  return JSON.parse(line)
}

/** A host that answers every request in this way. */
async function host(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/s.git`
}

async function hosted(cli: CliUnderTest, answer: (response: ServerResponse) => void): Promise<void> {
  await configure(cli.folder, [`{ name: s, repository: "${await host(answer)}", branch: main }`])
}

async function local(cli: CliUnderTest) {
  const repository = await createRepository(join(cli.folder, 'repository'))
  await repository.commit({ 'prompts/t.md': 'one\n' })
  await configure(cli.folder, ['{ name: s, repository: ./repository, branch: main }'])
  return repository
}

const TROUBLES: readonly (readonly [string, (cli: CliUnderTest) => Promise<unknown>, RegExp, RegExp])[] = [
  [
    'a login page with status 200',
    (cli) =>
      hosted(cli, (response) => {
        response.writeHead(200, { 'content-type': 'text/html' })
        response.end('<html>Please log in</html>')
      }),
    /returned a web page, perhaps a login/,
    /./,
  ],
  [
    'a host that limits requests',
    (cli) => hosted(cli, (response) => response.writeHead(429, { 'retry-after': '60' }).end('slow down\n')),
    /limits/,
    /429/,
  ],
  [
    'a host that fails',
    (cli) => hosted(cli, (response) => response.writeHead(502).end('upstream\nis gone')),
    /502|fails to answer/,
    /502/,
  ],
  [
    'a repository that lost a commit',
    async (cli) => {
      const repository = await local(cli)
      const commit = await repository.git('rev-parse', 'HEAD')
      await rm(join(repository.path, '.git', 'objects', commit.slice(0, 2), commit.slice(2)))
    },
    /does not have \w{40}, which it listed/,
    /not our ref/,
  ],
  [
    'a cache that is a file',
    async (cli) => {
      await local(cli)
      await writeFile(join(cli.folder, 'file'), '')
      await configure(cli.folder, ['{ name: s, repository: ./repository, branch: main }'], 'cache: ./file')
    },
    /cache/,
    /ENOTDIR|EEXIST/,
  ],
]

describe('the cause of a failure', () => {
  it.each(TROUBLES)(
    'is in one line wherever the failure is shown: %s',
    async (_what, makeTrouble, message, cause) => {
      const cli = await makeCli()
      await makeTrouble(cli)
      const { sync, plan, json, page, log } = await lookEverywhere(cli)
      const line = new RegExp(`^(?=.*(?:${cause.source}))\\S.*$`)
      expect(json.message).toMatch(message)
      expect(json.cause).toMatch(line)
      // Two processes may write their lines in either order, so causes are not compared word for word.
      const [, shown = ''] = /^s: failed \(.+\)\n {2}cause: (.+)\n$/.exec(sync) ?? []
      expect(shown).toMatch(line)
      expect(sync).toContain(`(${json.message})`)
      const [, planned = ''] = /\n {2}cause: (.+)\n$/.exec(plan) ?? []
      expect(planned).toMatch(line)
      expect(plan).toContain(`error: s: ${json.message}`)
      const [, found = ''] = / {4}pass failed: .+ \(cause: (.+)\) \(since .+\)\n/.exec(page) ?? []
      expect(found).toMatch(line)
      expect(page).toContain(`pass failed: ${json.message}`)
      expect(log).toMatchObject({ level: 'error', cause: expect.stringMatching(line) })
      expect(log.message).toContain(json.message)
    },
  )
})
