import { DatabaseSync } from 'node:sqlite'
import { expect } from 'vitest'
import { RegistryError } from '../../api/contract/errors.ts'
import { LIMITS } from '../../api/contract/limits.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { sha256 } from '../../api/contract/version.ts'
import { API_EVIDENCE_CASES } from './registry-api.evidence.ts'
import { type ApiCase, outcome, passed, push, wrong } from './registry-api.harness.ts'

/** Documents must not differ from what JSON text can carry. */
function expectJson(answer: unknown): void {
  expect(answer).toStrictEqual(JSON.parse(JSON.stringify(answer)))
}

/** One call of each method, in an order in which all succeed. */
export async function everyMethod(api: RegistryApi): Promise<Readonly<Record<keyof RegistryApi, unknown>>> {
  const text = 'Be brief.'
  const files = [{ path: 'a.md', bytes: text.length, sha256: sha256(text), text }]
  const skill = { ...push('tidy/SKILL', 'Tidy up.'), front_matter: '', files }
  const pushed = await api.push(skill)
  const [first, second] = [await api.push(push('a', 'one')), await api.push(push('a', 'two'))]
  const asGit = { source: 'git', reason: 'because' }
  const promote = await api.promote('a', { version: first.version, alias: '1.0.0', ...asGit })
  const moveSet = await api.moveSet('git', { release: 'v1.0.0' })
  await api.promote('a', { version: second.version, alias: '2.0.0', ...asGit })
  const { set } = await api.moveSet('git', { release: 'v2.0.0' })
  const finding = { code: 'refused', subject: { kind: 'prompt', name: 'b' }, message: 'Not taken.' }
  const state = { nested: { list: [1, null, { deep: 'text' }] } }
  const put = [{ ...finding, first_seen: '2026-01-31T12:00:00.000Z' }] as never
  return {
    ...{ push: pushed, promote, moveSet },
    batch: await api.batch({
      operations: [
        { op: 'push', ...push('b', 'b') },
        { op: 'push', ...push('b//', '') },
      ],
    }),
    addAlias: await api.addAlias('a', { version: first.version, alias: 'old', ...asGit }),
    list: await api.list({ source: 'git', limit: 1 }),
    summaries: await api.summaries(),
    lookup: await api.lookup({ prompts: [{ prompt_id: 'a', names: ['1.0.0'], contents: [sha256('one')] }] }),
    attest: await api.attest('a', passed('a', 'one')),
    reads: await api.reads('a', { days: 7 }),
    evidence: await api.evidence({ prompt_id: 'a' }),
    resolve: await api.resolve('a', { version: '1.0.0', include: 'messages,file' }),
    folderFile: await api.folderFile('tidy/SKILL', 'a.md', { mode: 'dev' }),
    resolveMany: await api.resolveMany({ references: ['a', 'unknown'] }),
    versions: await api.versions('a', { limit: 1 }),
    diff: await api.diff('a', { v1: '1.0.0', v2: '2.0.0' }),
    events: await api.events('a'),
    feed: await api.feed({ limit: 2 }),
    health: await api.health(),
    recordSource: await api.recordSource('git', {
      ...{ expected_revision: (await api.source('git')).revision, state },
      ...{ ledger: [{ tag: 'v1.0.0', commit: '0'.repeat(40) }], findings: { put } },
    }),
    source: await api.source('git'),
    sources: await api.sources(),
    ledger: await api.ledger('git'),
    findings: await api.findings('git', { code: 'refused' }),
    currentSet: await api.currentSet('git', { revoked_since: 0 }),
    setMoves: await api.setMoves('git'),
    releaseSet: await api.releaseSet(set),
    keepSet: await api.keepSet(set, { keep: true }),
    hold: await api.hold('a', { reason: 'wait' }),
    unhold: await api.unhold('a', {}),
    rollback: await api.rollback('a', { hold: 'none' }),
    revoke: await api.revoke('a', { version: '2.0.0' }),
    transfer: await api.transfer('b', { source: null }),
    rollbackSource: await api.rollbackSource('git', { to: 'v1.0.0' }),
    forget: await api.forget('git', { delete: false, dry_run: true }),
    lease: await api.lease('git', { holder: 'test' }),
  }
}

export const API_CASES: readonly ApiCase[] = [
  ...API_EVIDENCE_CASES,
  {
    name: 'answers every method with a document that JSON can carry',
    async run({ api }) {
      const answers = await everyMethod(api('admin'))
      for (const answer of Object.values(answers)) expectJson(answer)
      expect(answers.resolve).toMatchObject({ content: 'one', version: expect.any(String) })
      expect(answers.source).toMatchObject({ state: { nested: { list: [1, null, { deep: 'text' }] } } })
      expect(answers.list).toMatchObject({ prompts: [{ prompt_id: 'a' }], next_cursor: expect.any(String) })
      expect(answers.batch).toMatchObject({
        outcomes: [
          { ok: true, status: 201 },
          { ok: false, status: 400 },
        ],
      })
    },
  },
  {
    name: 'refuses what the access of the caller does not cover, and changes nothing',
    async run({ api }) {
      const calls = [
        () => api('read').push(push('a', 'one')),
        () => api('read').batch({ operations: [{ op: 'push', ...push('a', 'one') }] }),
        () => api('write').transfer('a', { source: null }),
        () => api('write').forget('git', {}),
        () => api('write').push({ ...push('a', 'one'), origin: { source: 'other' } }),
      ]
      for (const call of calls) expect(await outcome(call)).toBe('forbidden')
      expect(await api('admin').list()).toMatchObject({ prompts: [] })
      expect(await outcome(() => api('write').push(push('a', 'one')))).toMatchObject({ created: true })
    },
  },
  {
    name: 'refuses fields and parameters that the route does not have, and values of another type',
    async run({ api }) {
      const writer = api('write')
      const calls = [
        () => writer.push(wrong({ ...push('a', 'one'), contents: 'x' })),
        () => writer.push(wrong({ prompt_id: 'a', content: 1 })),
        () => writer.batch({ operations: [] }),
        () => writer.batch({ operations: [wrong({ op: 'delete', prompt_id: 'a' })] }),
        () => writer.lookup({ prompts: [{ prompt_id: 'a', identities: ['abc'] }] }),
        () => writer.list(wrong({ statsu: 'stable' })),
        () => writer.list({ limit: 0 }),
        () => writer.source('-'),
        () => writer.recordSource('git', wrong({ expected_revision: 0 })),
      ]
      for (const call of calls) expect(await outcome(call)).toBe('invalid_request')
    },
  },
  {
    name: 'refuses text that cannot be stored',
    async run({ api }) {
      const texts = ['NUL \0', 'half \ud800']
      const calls: (() => Promise<unknown>)[] = texts.flatMap((text) => [
        () => api('write').push(push('a', text)),
        () => api('write').batch({ operations: [{ op: 'push', ...push('a', text) }] }),
        () => api('write').hold('a', { reason: text }),
        () => api('write').recordSource('git', { expected_revision: 0, state: { key: [text] } }),
      ])
      calls.push(() => api('read').list({ prefix: 'NUL \0' }))
      for (const call of calls) expect(await outcome(call)).toBe('invalid_text')
      expect(await api('admin').list()).toMatchObject({ prompts: [] })
    },
  },
  {
    name: 'refuses fields that are too large',
    async run({ api }) {
      const large = 'x'.repeat(LIMITS.contentBytes + 1)
      expect(await outcome(() => api('write').push(push('a', large)))).toBe('too_large')
      const { outcomes } = await api('write').batch({ operations: [{ op: 'push', ...push('a', large) }] })
      expect(outcomes).toMatchObject([{ ok: false, code: 'too_large', status: 413 }])
    },
  },
  {
    name: 'refuses ids and references that no path can have',
    async run({ api }) {
      const reader = api('read')
      for (const id of ['', 'a/../b', 'a/versions', 'a@1', 'a//b'])
        for (const call of [() => reader.versions(id), () => reader.events(id), () => reader.diff(id)])
          expect(await outcome(call), id).toBe('invalid_prompt_id')
      expect(await outcome(() => api('write').hold('a/./b', {}))).toBe('invalid_prompt_id')
      expect(await outcome(() => reader.resolve('a@'))).toBe('invalid_reference')
      expect(await outcome(() => reader.resolve('a/../b'))).toBe('invalid_prompt_id')
      expect(await outcome(() => reader.folderFile('a@%', 'b.md'))).toBe('invalid_version')
    },
  },
  {
    name: 'reads every character of ids, names and parameters as it is',
    async run({ api }) {
      const writer = api('write')
      const id = "añ/b c+[d],e='f'&g"
      await writer.push({ ...push(id, 'one'), version: '1.0.0+build' })
      expect(await writer.resolve(`${id}@1.0.0+build`, { mode: 'dev' })).toMatchObject({ content: 'one' })
      expect(await writer.resolve(id, { version: '1.0.0+build', mode: 'dev' })).toMatchObject({
        prompt_id: id,
      })
      expect(await writer.versions(id, { limit: 1 })).toMatchObject({
        versions: [{ version: '1.0.0+build' }],
      })
      expect(await writer.list({ prefix: 'añ/b c+' })).toMatchObject({ prompts: [{ prompt_id: id }] })
    },
  },
  {
    name: 'refuses with the code, the sentence and the details of the registry, and without a cause',
    async run({ api }) {
      await api('write').push(push('a', 'one'))
      const error = await api('write')
        .push({ ...push('a', 'two'), origin: {} })
        .catch((error: unknown) => error)
      expect(error).toBeInstanceOf(RegistryError)
      expect(error).toMatchObject({
        code: 'not_owner',
        message: expect.stringContaining('belongs to the source "git"'),
        details: { prompt_id: 'a', owner: 'git', source: null },
      })
      expect((error as Error).cause).toBeUndefined()
      expect(await outcome(() => api('read').resolve('nobody'))).toBe('not_found')
      expect(await outcome(() => api('read').currentSet('git'))).toBe('no_set')
    },
  },
  {
    name: 'logs the cause of a failure, and keeps it from the caller',
    async run({ api, file, lines }) {
      await api('write').push(push('bad', 'one'))
      await api('write').push(push('good', 'one'))
      inFile(file, "UPDATE prompts SET rolled_back = '[broken' WHERE id = 'bad'")
      const error = await api('read')
        .resolve('bad', { mode: 'dev' })
        .catch((error: unknown) => error)
      expect(error).toMatchObject({ code: 'unavailable' })
      expect(JSON.stringify(error)).not.toContain('broken')
      expect((error as Error).cause).toBeUndefined()
      const { prompts } = await api('read').lookup({ prompts: [{ prompt_id: 'bad' }, { prompt_id: 'good' }] })
      expect(prompts).toMatchObject([{ problem: { code: 'unavailable' } }, { problem: null }])
      const facts = { code: 'unavailable', request_id: expect.any(String) }
      const cause = { error: expect.objectContaining({ cause: expect.any(SyntaxError) }) }
      expect(lines).toMatchObject([
        { message: expect.stringMatching(/^GET \/prompts\/.+ failed$/), facts: { ...facts, ...cause } },
        { message: 'POST /lookup failed in part', facts: { ...facts, ...cause, subject: 'bad' } },
      ])
    },
  },
  {
    name: 'neither changes a request nor keeps it',
    async run({ api }) {
      const state = { list: ['one'] }
      const tags = ['one']
      const request = Object.freeze({ ...push('a', 'text'), tags })
      await api('write').push(request)
      await api('write').recordSource(
        'git',
        Object.freeze({ expected_revision: 0, state: Object.freeze(state) }),
      )
      tags.push('two')
      state.list.push('two')
      expect(await api('read').resolve('a', { mode: 'dev' })).toMatchObject({ tags: ['one'] })
      expect(await api('admin').source('git')).toMatchObject({ state: { list: ['one'] } })
    },
  },
  {
    name: 'begins nothing for a signal that was aborted',
    async run({ api }) {
      const signal = AbortSignal.abort()
      expect(await outcome(() => api('write').push(push('a', 'one'), { signal }))).toBe('transport aborted')
      expect(await api('admin').list()).toMatchObject({ prompts: [] })
    },
  },
  {
    name: 'ends a call that waits when its signal aborts, or when its time is up',
    async run({ api, file }) {
      await whileLocked(file, async () => {
        const caller = new AbortController()
        const waiting = outcome(() => api('write').push(push('a', 'one'), { signal: caller.signal }))
        caller.abort()
        expect(await waiting).toBe('transport aborted')
        expect(await outcome(() => api('write', 20).push(push('b', 'one')))).toBe('transport timeout')
      })
    },
  },
]

function inFile(file: string, sql: string): void {
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
}

/** Meanwhile, no other connection can write. */
async function whileLocked(file: string, work: () => Promise<void>): Promise<void> {
  const database = new DatabaseSync(file)
  database.exec('BEGIN IMMEDIATE')
  try {
    await work()
  } finally {
    database.exec('ROLLBACK')
    database.close()
  }
}
