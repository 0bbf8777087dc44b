import { expect, onTestFinished, test } from 'vitest'
import type { EnvelopeDocument } from '../../../api/contract/attestation/dsse.ts'
import { STATEMENT_PAYLOAD_TYPE, TEST_RESULT } from '../../../api/contract/attestation/statement.ts'
import { sha256 } from '../../../api/contract/version.ts'
import { attester } from '../../support/attesters.ts'
import { makeRegistry, outcome, pushText, release, type TestRegistryOptions } from '../../support/registry.ts'

const ci = attester()

function started(options: TestRegistryOptions = {}) {
  const registry = makeRegistry(options)
  onTestFinished(registry.close)
  return registry
}

function envelope(id: string, content: string, predicate: object = { result: 'PASSED' }): EnvelopeDocument {
  const file = ci.sign({
    subject: [{ name: id, digest: { sha256: sha256(content) } }],
    predicateType: TEST_RESULT,
    predicate: { configuration: [{ name: 'eval' }], ...predicate },
  })
  return JSON.parse(String(file)) as EnvelopeDocument
}

const listed = async ({ admin }: ReturnType<typeof makeRegistry>, id = 'p') =>
  (await admin.evidence({ prompt_id: id })).evidence.map(({ identity }) => identity)

test('evidence is not offered if the store has no place for it, and the error names the other ways', async () => {
  const { admin } = started({ takesEvidence: false })
  await pushText(admin, 'p', 'text')
  const message =
    /on AWS whoever may invoke it to write is its admin\. Push the statement to git with promptctl attest, or require a check run/
  await expect(admin.attest('p', envelope('p', 'text'))).rejects.toThrow(message)
  expect(await outcome(admin.attest('p', envelope('p', 'text')))).toBe('not_offered')
  expect(await outcome(admin.evidence({ prompt_id: 'p' }))).toBe('not_offered')
})

test('a statement may be about a version that the registry does not have', async () => {
  const { admin } = started()
  await pushText(admin, 'p', 'text')
  const identity = sha256('earlier')
  expect(await admin.attest('p', envelope('p', 'earlier'))).toMatchObject({ identity, version: null })
  expect((await admin.events('p')).events[0]).toMatchObject({
    type: 'attested',
    to: null,
    details: { identity },
  })
})

test('each statement grows the count of its source, and so does a repeat, which stores nothing', async () => {
  const { admin, clock } = started()
  await release(admin, 'p', '1.0.0', 'text')
  expect(await admin.source('git')).not.toHaveProperty('evidence')
  const { attention } = await admin.source('git')
  const { sha256: first } = await admin.attest('p', envelope('p', 'text'))
  const { revision } = (await admin.list()).prompts[0] ?? {}
  clock.now += 1000
  expect(await admin.attest('p', envelope('p', 'text'))).toMatchObject({ sha256: first, created: false })
  expect(await admin.source('git')).toMatchObject({ evidence: 2, attention })
  expect((await admin.list()).prompts[0]).toMatchObject({ revision })
})

test('the same statement about two prompts is stored for both', async () => {
  const registry = started()
  const { admin } = registry
  for (const id of ['p', 'q']) await pushText(admin, id, 'text')
  const file = ci.sign({
    subject: ['p', 'q'].map((name) => ({ name, digest: { sha256: sha256('text') } })),
    predicateType: TEST_RESULT,
    predicate: { result: 'PASSED' },
  })
  for (const id of ['p', 'q']) await admin.attest(id, JSON.parse(String(file)))
  expect([await listed(registry), await listed(registry, 'q')]).toEqual([[sha256('text')], [sha256('text')]])
})

test('a reader who may see no drafts sees neither evidence nor its event', async () => {
  const { admin, as } = started({ settings: { allowedModes: ['staging', 'production'] } })
  await release(admin, 'p', '1.0.0', 'text')
  await admin.attest('p', envelope('p', 'draft'))
  const reader = as({ access: 'read' })
  expect((await reader.evidence({ prompt_id: 'p' })).evidence).toEqual([])
  expect((await reader.events('p')).events.map(({ type }) => type)).not.toContain('attested')
  expect((await as({}).evidence({ prompt_id: 'p' })).evidence).toHaveLength(1)
})

test('a deleted prompt has none, and takes none', async () => {
  const registry = started()
  const { admin } = registry
  await release(admin, 'p', '1.0.0', 'text')
  await admin.attest('p', envelope('p', 'text'))
  await admin.forget('git', { delete: true })
  expect(await listed(registry)).toEqual([])
  expect(await outcome(admin.attest('p', envelope('p', 'text', { result: 'FAILED' })))).toBe('gone')
})

test('a token attests only below its prefixes', async () => {
  const { admin, as } = started()
  for (const id of ['p', 'support/p']) await pushText(admin, id, 'text')
  const limited = as({ access: 'attest', prefixes: ['support/'] })
  expect(await outcome(limited.attest('support/p', envelope('support/p', 'text')))).toBe('done')
  expect(await outcome(limited.attest('p', envelope('p', 'text')))).toBe('forbidden')
})

test('the event says what the statement says, without texts that are too long', async () => {
  const { admin } = started()
  await pushText(admin, 'p', 'text')
  const names = ['eval', 'x'.repeat(101), ...Array.from({ length: 20 }, (_, index) => `n${index}`)]
  const predicate = { result: 'y'.repeat(101), configuration: names.map((name) => ({ name })) }
  await admin.attest('p', envelope('p', 'text', predicate))
  const { details } = (await admin.events('p')).events[0] ?? {}
  expect(details).toMatchObject({ evidence: ['eval', ...names.slice(2, 11)], result: null })
})

test.each([
  ['a digest that is no identity', { ...envelope('p', 'text'), ...unsigned({ sha256: 'abc' }) }],
  ['another kind of digest', { ...envelope('p', 'text'), ...unsigned({ sha1: 'a'.repeat(40) }) }],
  ['nine signatures', { ...envelope('p', 'text'), signatures: Array(9).fill({ sig: 'cw==' }) }],
])('a statement with %s is refused and not stored', async (_, request) => {
  const registry = started()
  await pushText(registry.admin, 'p', 'text')
  expect(await outcome(registry.admin.attest('p', request))).toBe('invalid_request')
  expect(await listed(registry)).toEqual([])
})

/** The payload of a statement with this digest. */
function unsigned(digest: object) {
  const statement = {
    ...{ _type: 'https://in-toto.io/Statement/v1', subject: [{ name: 'p', digest }] },
    ...{ predicateType: TEST_RESULT, predicate: {} },
  }
  const payload = Buffer.from(JSON.stringify(statement)).toString('base64')
  return { payloadType: STATEMENT_PAYLOAD_TYPE, payload }
}
