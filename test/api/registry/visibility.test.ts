import { expect, test } from 'vitest'
import { sha256 } from '../../../api/contract/version.ts'
import { makeRegistry, outcome, release } from '../../support/registry.ts'

const SECRET = 'The launch is on Friday.'

/** `p` is released and has a newer draft, `q` is only a draft, and `w` has a waiting release. */
async function withDrafts() {
  const { admin, as } = makeRegistry({ settings: { allowedModes: ['staging', 'production'] } })
  const push = async (prompt_id: string, content: string, more: object = {}) =>
    (await admin.push({ prompt_id, content, origin: { source: 'git' }, ...more })).version
  const stable = await release(admin, 'p', '1.0.0')
  await push('q', SECRET, { description: 'secret plan' })
  await admin.hold('q', {})
  await release(admin, 'w', '1.0.0')
  await admin.hold('w', {})
  const waiting = await push('w', 'a secret that waits')
  await admin.addAlias('w', { version: waiting, alias: '2.0.0', waiting: true, source: 'git' })
  const revoked = await push('p', 'secret and revoked')
  await admin.revoke('p', { version: revoked })
  const draft = await push('p', SECRET, { description: 'secret plan', tags: ['secret'] })
  const readers = { writer: as({ access: 'write' }), reader: as({ access: 'read' }) }
  return { admin, ...readers, stable, draft, revoked, waiting }
}

test('a reader without access to drafts finds none in any list, event, lookup or diff', async () => {
  const { reader, admin, stable, draft, revoked, waiting } = await withDrafts()
  const names = [draft, revoked, waiting, '2.0.0']
  const identities = [
    ...(await admin.versions('p')).versions,
    ...(await admin.versions('q')).versions,
  ].flatMap(({ identity }) => identity ?? [])
  const contents = [sha256(SECRET), sha256('secret and revoked')]
  const ask = { names, identities, contents }
  const answers = [
    await reader.list(),
    await reader.list({ status: 'draft' }),
    await reader.list({ prefix: 'q' }),
    await reader.versions('p'),
    await reader.versions('w'),
    await reader.events('p'),
    await reader.events('w'),
    await reader.feed({}),
    await reader.lookup({ prompts: ['p', 'q', 'w'].map((prompt_id) => ({ prompt_id, ...ask })) }),
    await reader.diff('p'),
    await reader.diff('w'),
    await reader.summaries(),
  ]
  const shown = JSON.stringify(answers)
  for (const trace of [
    draft,
    revoked,
    waiting,
    'secret',
    'launch',
    sha256(SECRET),
    '"status":"draft"',
    'version_pushed',
  ])
    expect([trace, shown.includes(trace)]).toEqual([trace, false])
  expect(answers[0]).toMatchObject({
    prompts: [
      { prompt_id: 'p', stable, latest: stable, latest_status: 'stable', description: null },
      { prompt_id: 'w', latest: stable },
    ],
  })
  expect(answers[1]).toMatchObject({ prompts: [] })
  expect(answers[8]).toMatchObject({
    prompts: [{ versions: [{ version: stable }] }, { prompt: null, versions: [] }, { names: {} }],
  })
  expect(answers[9]).toMatchObject({ v1: stable, v2: stable, diff: '' })
})

test('such a reader learns where a prompt moved once the target is released, not before', async () => {
  const { admin, reader, writer } = await withDrafts()
  const source = 'git'
  await admin.batch({
    operations: [{ op: 'archive', prompt_id: 'p', archived: true, moved_to: 'q', source }],
  })
  const answers = async () => [
    await reader.resolve('p'),
    await reader.resolveMany({ references: ['p', 'p@1.0.0'] }),
    await reader.list({ prefix: 'p' }),
    await reader.lookup({ prompts: [{ prompt_id: 'p' }] }),
    await reader.events('p'),
    await reader.feed({}),
  ]
  const targets = async () => (await answers()).map((one) => JSON.stringify(one).includes('"moved_to":"q"'))
  expect(await targets()).toEqual([false, false, false, false, false, false])
  expect((await reader.list()).prompts[0]).toMatchObject({ archived: true, moved_to: null })
  expect(await writer.resolve('p')).toMatchObject({ moved_to: 'q' })
  await admin.unhold('q', {})
  await release(admin, 'q', '1.0.0')
  expect(await targets()).toEqual([true, true, true, true, true, true])
})

test('for such a reader, a prompt that was never released does not exist', async () => {
  const { reader } = await withDrafts()
  const sentence = (promise: Promise<unknown>) => promise.then(String, (error: Error) => error.message)
  for (const ask of [reader.versions, reader.events, reader.diff]) {
    const never = await sentence(ask('q'))
    expect(never).toContain('Prompt "q" was not found')
    expect(never.replaceAll('q', 'x')).toBe((await sentence(ask('x'))).replaceAll('q', 'x'))
  }
})

test('for such a reader, a diff with a draft is refused like one with a missing version', async () => {
  const { reader, stable, draft } = await withDrafts()
  expect(await outcome(reader.diff('p', { v1: stable, v2: draft }))).toBe('not_found')
  expect(await outcome(reader.diff('p', { v1: stable, v2: 'guess' }))).toBe('not_found')
})

test('such a reader sees released versions, promotions and revocations', async () => {
  const { reader, admin, stable } = await withDrafts()
  const better = await release(admin, 'p', '1.1.0', 'better')
  await admin.revoke('p', { version: '1.1.0' })
  expect((await reader.versions('p')).versions.map(({ version, status }) => [version, status])).toEqual([
    [better, 'revoked'],
    [stable, 'stable'],
  ])
  const types = (await reader.events('p')).events.map(({ type }) => type)
  expect(types).toEqual(expect.arrayContaining(['promoted', 'revoked']))
})

test('writers see drafts in such a deployment, and readers do if a mode includes them', async () => {
  const { writer, draft } = await withDrafts()
  expect(JSON.stringify(await writer.versions('p'))).toContain(draft)
  expect((await writer.list()).prompts.map(({ prompt_id }) => prompt_id)).toEqual(['p', 'q', 'w'])
  const { admin, as } = makeRegistry()
  await admin.push({ prompt_id: 'q', content: 'a draft' })
  expect((await as({ access: 'read' }).list()).prompts).toHaveLength(1)
})

test('such a reader sees that a source exists, but not its state, its findings or its tags', async () => {
  const { admin, reader, writer } = await withDrafts()
  const finding = {
    code: 'quarantined',
    subject: { kind: 'file' as const, name: 'prompts/secret.md' },
    message: 'The file of the secret has no content.',
    first_seen: '2026-01-01T00:00:00.000Z',
  }
  await admin.recordSource('git', {
    expected_revision: 0,
    state: { findings: ['secret'] },
    findings: { put: [finding] },
    ledger: [{ tag: 'secret/v2.0.0', commit: 'c'.repeat(40) }],
  })
  const ask = async (api: typeof reader) => [
    await api.sources(),
    await api.source('git'),
    await api.findings('git'),
    await api.findings('git', { code: 'quarantined' }),
    await api.ledger('git'),
  ]
  const answers = await ask(reader)
  expect(JSON.stringify(answers)).not.toContain('secret')
  const hidden = { name: 'git', revision: 1, state: null, forgotten: null, ledger_length: 1 }
  expect(answers).toMatchObject([
    { sources: [hidden] },
    hidden,
    { name: 'git', findings: [], next_cursor: null },
    { findings: [] },
    { name: 'git', ledger: [], next_cursor: null },
  ])
  for (const answer of await ask(writer)) expect(JSON.stringify(answer)).toContain('secret')
  expect(await outcome(reader.findings('no name'))).toBe('invalid_request')
  expect(await outcome(reader.ledger('no name'))).toBe('invalid_request')
})
