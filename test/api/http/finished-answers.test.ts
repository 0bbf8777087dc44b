import { mkdtempSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Mode } from '../../../api/contract/mode.ts'
import type { SetMovesAnswer } from '../../../api/contract/registry-api.ts'
import { identifyingTokenAuth } from '../../../api/http/auth.ts'
import { answerFinished, FinishedAnswers } from '../../../api/http/finished-answers.ts'
import { identifyingLoopbackAuth } from '../../../api/http/loopback.ts'
import { listen } from '../../../api/http/node.ts'
import { remoteAddress } from '../../../api/http/remote-address.ts'
import { openEmbeddedRegistry } from '../../../api/server.ts'
import { ADMIN, appUnderTest } from './app-under-test.ts'

const TOKENS = { ada: 'a-token-of-20-characters', bob: 'b-token-of-20-characters' }

describe('responses that are kept', () => {
  test('are found by caller and URL until the store changes', () => {
    const { answers, change } = kept()
    answers.keeper(ADMIN, '/prompts/a')('text', '"1"')
    expect(answers.find(ADMIN, '/prompts/a')).toMatchObject({ etag: '"1"', text: 'text', bytes: 4 })
    expect(answers.find(ADMIN, '/prompts/b')).toBeUndefined()
    expect(answers.find({ ...ADMIN }, '/prompts/a')).toBeUndefined()
    change()
    expect(answers.find(ADMIN, '/prompts/a')).toBeUndefined()
  })

  test('are none that were made while the store changed', () => {
    const { answers, change } = kept()
    const keep = answers.keeper(ADMIN, '/prompts/a')
    change()
    keep('old text', '"1"')
    expect(answers.find(ADMIN, '/prompts/a')).toBeUndefined()
  })

  test('stay while the prompt on which they depend has the same revision, whatever else changes', () => {
    const { answers, change, revisions } = kept()
    revisions.set('a', 1)
    answers.keeper(ADMIN, '/prompts/a')('text', '"1"', { promptId: 'a', revision: 1, isSettling: false })
    change()
    expect(answers.find(ADMIN, '/prompts/a')).toMatchObject({ text: 'text' })
    change()
    revisions.set('a', 2)
    expect(answers.find(ADMIN, '/prompts/a')).toBeUndefined()
  })

  test.for([
    [true, false],
    [false, true],
  ] as const)('are of a source that is settling: %s, and not used when that is %s', ([before, after]) => {
    const { answers, change, revisions, settling } = kept()
    revisions.set('a', 1)
    settling.now = before
    answers.keeper(ADMIN, '/prompts/a')('text', '"1"', { promptId: 'a', revision: 1, isSettling: before })
    change()
    expect(answers.find(ADMIN, '/prompts/a')).toMatchObject({ text: 'text' })
    change()
    settling.now = after
    expect(answers.find(ADMIN, '/prompts/a')).toBeUndefined()
  })

  test('ask for the revision once after each change', () => {
    const { answers, change, revisions } = kept()
    revisions.set('a', 1)
    answers.keeper(ADMIN, '/prompts/a')('text', '"1"', { promptId: 'a', revision: 1, isSettling: false })
    const asked = vi.spyOn(revisions, 'get')
    for (let find = 0; find < 3; find++) answers.find(ADMIN, '/prompts/a')
    expect(asked).toHaveBeenCalledTimes(0)
    change()
    for (let find = 0; find < 3; find++) answers.find(ADMIN, '/prompts/a')
    expect(asked).toHaveBeenCalledTimes(1)
  })

  test.for([
    [1, 'text'],
    [2, undefined],
  ] as const)('of revision 1, made during a change that left the prompt at %i: %s', ([revision, text]) => {
    const { answers, change, revisions } = kept()
    const keep = answers.keeper(ADMIN, '/prompts/a')
    change()
    revisions.set('a', revision)
    keep('text', '"1"', { promptId: 'a', revision: 1, isSettling: false })
    expect(answers.find(ADMIN, '/prompts/a')?.text).toBe(text)
  })

  test('make room for the newest, by bytes', () => {
    const { answers } = kept(10)
    for (const [name, text] of [
      ['a', '12345'],
      ['b', 'ä'],
      ['b', 'ää'],
      ['c', '12'],
    ] as const)
      answers.keeper(ADMIN, name)(text, '""')
    expect(['a', 'b', 'c'].map((name) => answers.find(ADMIN, name)?.bytes)).toEqual([undefined, 4, 2])
    answers.keeper(ADMIN, 'd')('12345678901', '""')
    expect(['a', 'b', 'c', 'd'].map((name) => answers.find(ADMIN, name))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('a server that keeps responses', () => {
  test('asks the registry once, and answers the same again', async () => {
    const { ask, calls } = await counting()
    const first = await ask('/prompts/a%2Fb?mode=dev')
    const again = await ask('/prompts/a%2Fb?mode=dev')
    expect(again).toEqual(first)
    expect(first.headers['content-length']).toBe(String(Buffer.byteLength(first.text)))
    expect(calls()).toBe(1)
    await ask('/prompts/a%2Fb?mode=production')
    expect(calls()).toBe(2)
  })

  test('answers 304 without the registry to a reader that has the response', async () => {
    const { ask, calls } = await counting()
    const { headers } = await ask('/prompts/a')
    const known = { 'if-none-match': headers.etag ?? '' }
    const [fromMemory] = [await ask('/prompts/a', known), expect(calls()).toBe(1)]
    expect(fromMemory).toMatchObject({ status: 304, text: '' })
    expect((await ask('/prompts/a', { 'if-none-match': '"other"' })).status).toBe(200)
    const fresh = await counting()
    expect(fromMemory).toEqual(await fresh.ask('/prompts/a', known))
  })

  test.for([
    ['POST', { method: 'POST' }],
    ['a body', { method: 'GET', headers: { 'content-length': '2' } }],
    ['an unknown caller', { method: 'GET', headers: { origin: 'http://evil.test' } }],
  ] as const)('leaves to the app: %s', ([, { method, ...rest }]) => {
    const { answers } = kept()
    answers.keeper(ADMIN, '/prompts/a')('text', '"1"')
    const { identify } = identifyingLoopbackAuth(() => '127.0.0.1')
    const parts = { answers, identify, newRequestId: () => 'r1' }
    const headers = { host: '127.0.0.1', ...('headers' in rest && rest.headers) }
    expect(answerFinished(parts, { method, url: '/prompts/a', headers } as never, {} as never)).toBe(false)
  })

  test('counts a wrong token once', async () => {
    let counted = 0
    const wrong = { isTooMany: () => ++counted > 100 }
    const sha256 = '0'.repeat(64)
    const identity = identifyingTokenAuth([{ name: 'x', access: 'read', sources: 'any', sha256 }], wrong)
    const { ask } = await counting(identity)
    expect((await ask('/prompts/a', { authorization: 'Bearer wrong' })).status).toBe(401)
    expect(counted).toBe(1)
  })
})

describe('a registry on one file', () => {
  test('shows each promotion to the next read, also that of another process', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'finished-')), 'registry.db')
    const [mine, theirs] = [await serve(file), await serve(file)]
    for (const [round, { write }] of [mine, theirs, mine, theirs].entries()) {
      const version = `1.${round}.0`
      await write('/prompts', { prompt_id: 'a', version, content: `text ${round}` })
      await write('/prompts/a/promote', { version })
      for (const { read } of [mine, theirs, mine, theirs])
        expect(await read('/prompts/a')).toMatchObject({ content: `text ${round}` })
    }
  })

  test('reads a prompt once, while others are written by this process and another', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'finished-')), 'registry.db')
    const [mine, theirs] = [await serve(file), await serve(file)]
    await mine.release('a', '1.0.0')
    await mine.read('/prompts/a')
    for (const [round, { write }] of [mine, theirs, mine, theirs].entries()) {
      await write('/prompts', { prompt_id: 'b', content: `text ${round}` })
      expect(await mine.read('/prompts/a')).toMatchObject({ content: 'text of a' })
      expect(mine.sent()).toBe(round + 1)
    }
    await mine.write('/prompts', { prompt_id: 'a', content: 'a draft', origin: { source: 'git' } })
    await mine.read('/prompts/a')
    expect(mine.sent()).toBe(4)
  })

  test('shows where a prompt moved once a release of the target lets the reader know it', async () => {
    const { release, write, read } = await serve(':memory:', ['production'])
    await release('a', '1.0.0')
    await write('/prompts', { prompt_id: 'b', version: '1.0.0', content: 'text of b' })
    const operation = { op: 'archive', prompt_id: 'a', archived: true, moved_to: 'b', source: 'git' }
    await write('/batch', { operations: [operation] })
    for (let round = 0; round < 2; round++)
      expect(await read('/prompts/a')).toMatchObject({ archived: true, moved_to: null })
    await write('/prompts/b/promote', { version: '1.0.0' })
    expect(await read('/prompts/a')).toMatchObject({ moved_to: 'b' })
  })

  test('shows in each response, also in kept ones, that the source is settling', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'finished-')), 'registry.db')
    const [mine, theirs] = [await serve(file), await serve(file)]
    for (const version of ['1.0.0', '2.0.0']) {
      await mine.write('/prompts', { prompt_id: 'a', version, content: version, origin: { source: 'git' } })
      await mine.write('/prompts/a/promote', { version, source: 'git' })
      await mine.write('/sources/git/set', { release: `v${version}`, version })
    }
    const { moves } = (await mine.read('/sources/git/sets')) as SetMovesAnswer
    const readAll = async () => {
      for (const { read } of [mine, theirs]) await read('/prompts/a')
      return await Promise.all([mine, theirs].map(({ read }) => read('/prompts/a')))
    }
    for (const answer of await readAll()) expect(answer).not.toHaveProperty('settling')
    await theirs.write('/sources/git/rollback', {
      to: moves.find(({ act, release }) => act === 'release' && release === 'v1.0.0')?.set,
    })
    for (const answer of await readAll()) expect(answer).toMatchObject({ settling: true })
    expect(await mine.read('/prompts/a@2.0.0')).not.toHaveProperty('settling')
    expect([mine.sent(), theirs.sent()]).toEqual([2, 2])
    // The last write of the rollback changes no prompt.
    await theirs.write('/sources/git/set', { settled: true })
    for (const answer of await readAll()) expect(answer).not.toHaveProperty('settling')
    expect([mine.sent(), theirs.sent()]).toEqual([3, 3])
  })

  test('never gives one caller the response of another', async () => {
    const { write, read } = await serve(':memory:')
    await write('/prompts', { prompt_id: 'a', version: 'draft-1', content: 'secret draft' })
    expect(await read('/prompts/a?mode=dev', TOKENS.ada)).toMatchObject({ content: 'secret draft' })
    expect(await read('/prompts/a?mode=dev', TOKENS.ada)).toMatchObject({ content: 'secret draft' })
    expect(await read('/prompts/a?mode=dev', 'c-token-of-20-characters')).toMatchObject({
      code: 'unauthorized',
    })
    expect(await read('/prompts/a?mode=dev', '')).toMatchObject({ code: 'unauthorized' })
  })
})

function kept(mostBytes = 1000) {
  let changes = 0
  const revisions = new Map<string, number>()
  const settling = { now: false }
  const stateOf = (promptId: string) => {
    const revision = revisions.get(promptId)
    return revision === undefined ? undefined : { revision, isSettling: settling.now }
  }
  const answers = new FinishedAnswers({ changes: () => changes, stateOf, mostBytes })
  return { answers, change: () => changes++, revisions, settling }
}

/** A server that counts what reaches the registry. */
async function counting({ auth, identify } = identifyingLoopbackAuth(remoteAddress)) {
  const { answers } = kept()
  let calls = 0
  const { app } = appUnderTest({ auth, finished: answers, newRequestId: () => 'r' })
  const served = {
    fetch: (request: Request, env: object) => {
      calls++
      return app.fetch(request, env)
    },
    answerFinished: (incoming: IncomingMessage, outgoing: ServerResponse) =>
      answerFinished({ answers, identify, newRequestId: () => 'r' }, incoming, outgoing),
  }
  const server = await listen(served, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close())
  return {
    calls: () => calls,
    async ask(path: string, headers: Record<string, string> = {}) {
      const response = await fetch(`${server.url}${path}`, { headers })
      const { date, ...shown } = Object.fromEntries(response.headers)
      return {
        status: response.status,
        headers: shown as Record<string, string>,
        text: await response.text(),
      }
    },
  }
}

async function serve(file: string, allowedModes?: readonly Mode[]) {
  const tokens = Object.entries(TOKENS).map(([name, token]) => ({
    name,
    token,
    access: name === 'ada' ? ('admin' as const) : ('read' as const),
    sources: [],
  }))
  const registry = openEmbeddedRegistry({ file, tokens, allowedModes, log: { error: () => undefined } })
  const server = await registry.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await server.close()
    registry.close()
  })
  const headersOf = (token: string) => (token === '' ? {} : { authorization: `Bearer ${token}` })
  const write = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json', ...headersOf(TOKENS.ada) }
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    expect(await response.text()).not.toContain('"error"')
  }
  return {
    async read(path: string, token = TOKENS.bob) {
      const response = await fetch(`${server.url}${path}`, { headers: headersOf(token) })
      return (await response.json()) as object
    },
    write,
    async release(prompt_id: string, version: string) {
      const origin = { source: 'git' }
      await write('/prompts', { prompt_id, version, content: `text of ${prompt_id}`, origin })
      await write(`/prompts/${prompt_id}/promote`, { version, source: 'git' })
    },
    /** Kept responses to resolves so far. */
    sent: () => registry.keptHits.get('/prompts/{ref}')?.sent,
  }
}
