import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { TEST_RESULT } from '../../api/contract/attestation/statement.ts'
import { RegistryError } from '../../api/contract/errors.ts'
import type { AttestRequest, EvidenceAnswer } from '../../api/contract/registry-api.ts'
import { openEmbeddedRegistry } from '../../api/server.ts'
import { evidenceStatement } from '../../controller/evidence/evidence-statement.ts'
import { type Attester, attester } from '../support/attesters.ts'
import { JUDGED_AT } from '../support/evidence-cases.ts'
import { expected, NAMED_CASES, outcomes, REQUIRE, releasedCases } from '../support/evidence-outcomes.ts'
import { attach, latestVersion, promptFile } from '../support/evidence-world.ts'
import {
  changesOf,
  eventsOf,
  expectSettled,
  findingsOf,
  served,
  startJourney,
} from '../support/planned-journey.ts'

const token = (name: string) => `${name}-${'x'.repeat(20)}`
const TOKENS = (['attest', 'read', 'write', 'admin'] as const).map((access) => ({
  ...{ name: access, access, sources: [], token: token(access) },
  ...(access === 'attest' && { prefixes: ['triage', 'case-'] }),
}))

/** The registry in this folder over HTTP, with a token of each access. */
async function serve(folder: string) {
  const log = { error: (message: string, facts: object) => console.error(message, facts) }
  const registry = openEmbeddedRegistry({ file: join(folder, 'registry.db'), tokens: TOKENS, log })
  const server = await registry.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await server.close()
    registry.close()
  })
  const request = async (path: string, init: RequestInit = {}, access = 'attest') => {
    const headers = { authorization: `Bearer ${token(access)}`, 'content-type': 'application/json' }
    const response = await fetch(`${server.url}${path}`, { ...init, headers })
    const body = (await response.json()) as object
    return { ...body, status: response.status } as Readonly<Record<string, unknown>>
  }
  return {
    get: (path: string, access?: string) => request(path, {}, access),
    post: (id: string, file: Uint8Array, access?: string) =>
      request(`/prompts/${id}/evidence`, { method: 'POST', body: Buffer.from(file) }, access),
  }
}

/** A statement that the registry cannot read, or that is about another prompt, is never stored. */
const REFUSED = [
  'another prompt with the same file',
  'a time that is none',
  'a statement that says no signature',
  'a file that is no envelope',
  'an envelope with something else',
]

/** Nothing was posted about a version that the release could be. */
const NOT_ABOUT_IT = ['a ref that points at no file', 'other content, which is never ignored']

test('posted evidence lets the same releases through as evidence in git', async () => {
  const refused = new Set<string>()
  let server: Awaited<ReturnType<typeof serve>> | undefined
  const { another } = await releasedCases(async ({ folder }, version, file) => {
    server ??= await serve(folder)
    if (file === null) return
    const { status } = await server.post(version.id, file)
    expect([200, 201, 400]).toContain(status)
    if (status === 400) refused.add(version.id)
  })
  const ofStatements = NAMED_CASES.filter(({ checks }) => checks.length === 0)
  const namesOf = (ids: ReadonlySet<string>) =>
    ofStatements.flatMap(({ id, name, problem }) => (ids.has(id) && problem !== null ? [name] : []))
  expect(namesOf(refused)).toEqual(REFUSED)
  const controller = another({ source: { require: REQUIRE } })
  const report = await controller.sync()
  const judged = (await outcomes(controller, report)).filter(
    (_, index) => NAMED_CASES[index]?.checks.length === 0,
  )
  const isNothing = ({ id, name }: (typeof NAMED_CASES)[number]) =>
    refused.has(id) || NOT_ABOUT_IT.includes(name)
  expect(judged).toEqual(
    ofStatements.map((one) =>
      expected(one.problem !== null && isNothing(one) ? { ...one, problem: /it has no evidence/ } : one),
    ),
  )
  await expectSettled(controller)
})

const EVIDENCE = { evidence: 'eval', predicate: TEST_RESULT, result: 'PASSED', finishedAt: JUDGED_AT }

/** A prompt that is served, and a release with a new version of it that needs evidence by `ci`. */
async function waiting() {
  const ci = attester()
  const journey = await startJourney({ require: [{ evidence: 'eval', from: [ci.publicKey] }] })
  const { folder, repository, controller, clock, another } = journey
  clock.now = JUDGED_AT
  await repository.commit({ 'prompts/triage.md': promptFile('old') })
  await repository.tag('v1.0.0')
  await another({ source: {} }).sync()
  await repository.commit({ 'prompts/triage.md': promptFile('new') })
  await repository.tag('v1.1.0')
  await controller.sync()
  const version = await latestVersion(controller.api, 'triage')
  const signed = (by: Attester, different: object = {}) =>
    by.sign(evidenceStatement(version, { ...EVIDENCE, ...different }))
  return { ...journey, ci, version, signed, server: await serve(folder) }
}

describe('posted evidence', () => {
  test('is stored once, listed, an event, and seen by the next pass', async () => {
    const { controller, ci, version, signed, server } = await waiting()
    const file = signed(ci)
    const posted = await server.post('triage', file)
    const { identity } = version
    const answer = { prompt_id: 'triage', identity, version: identity.slice(0, 12) }
    expect(posted).toMatchObject({ status: 201, ...answer, created: true })
    expect(await server.post('triage', file)).toEqual({ ...posted, status: 200, created: false })
    const { evidence } = (await server.get('/evidence?prompt_id=triage', 'read')) as unknown as EvidenceAnswer
    expect(evidence).toEqual([
      {
        ...{ identity, sha256: posted.sha256, envelope: JSON.parse(String(file)), actor: 'attest' },
        at: expect.any(String),
      },
    ])
    const attested = (await eventsOf(controller, 'triage')).filter(({ type }) => type === 'attested')
    expect(attested).toMatchObject([
      {
        ...{ actor: 'attest', from: null, to: answer.version },
        details: { identity, sha256: posted.sha256, evidence: ['eval'], result: 'PASSED' },
      },
    ])
    expect(await served(controller, 'triage')).toBe('old\n')
    expect(changesOf(await controller.plan())).toEqual([expect.stringMatching(/^promote triage 1\.1\.0 /)])
    expect(await controller.sync()).toMatchObject({ result: 'synced', counts: { promoted: 1 } })
    expect(await served(controller, 'triage')).toBe('new\n')
    const promoted = (await eventsOf(controller, 'triage')).findLast(({ type }) => type === 'promoted')
    expect(promoted?.details?.evidence).toMatchObject([{ name: 'eval', sha256: posted.sha256 }])
    await expectSettled(controller)
  })

  test('never covers another version, and counts beside evidence in git', async () => {
    const { controller, ci, repository, clock, version, signed, server } = await waiting()
    await server.post('triage', signed(ci))
    await controller.sync()
    await repository.commit({ 'prompts/triage.md': promptFile('newer') })
    await repository.tag('v1.2.0')
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['waiting_for_evidence triage'])
    expect(await served(controller, 'triage')).toBe('new\n')
    const newer = await latestVersion(controller.api, 'triage')
    expect(newer.identity).not.toBe(version.identity)
    await attach(repository, newer, ci.sign(evidenceStatement(newer, EVIDENCE)))
    const failed = { ...EVIDENCE, result: 'FAILED', finishedAt: JUDGED_AT + 1 }
    await server.post('triage', ci.sign(evidenceStatement(newer, failed)))
    clock.now += 1000
    const [finding] = (await controller.sync()).findings
    expect(finding?.message).toContain('its evidence "eval" is FAILED, not PASSED')
    expect(await served(controller, 'triage')).toBe('new\n')
  })

  test('of a stranger is stored and counts for nothing', async () => {
    const { controller, signed, server } = await waiting()
    expect((await server.post('triage', signed(attester()))).status).toBe(201)
    const [finding] = (await controller.sync()).findings
    expect(finding?.message).toContain('a statement is not signed with a key in "from"')
    expect(await served(controller, 'triage')).toBe('old\n')
  })

  test('about releases that wait costs one request for each of them, and none while nothing comes', async () => {
    const { controller, server, signed } = await waiting()
    controller.traffic.requests.length = 0
    expect((await controller.sync()).result).toBe('unchanged')
    expect(controller.traffic.requests).toEqual(['GET /sources/demo'])
    await server.post('triage', signed(attester()))
    await controller.sync()
    expect(controller.traffic.requests.filter((one) => one === 'GET /evidence')).toHaveLength(1)
  })

  test('that cannot be read fails the pass, which then promotes nothing', async () => {
    const { controller, ci, signed, server } = await waiting()
    await server.post('triage', signed(ci))
    const evidence = async () => {
      throw new RegistryError('unavailable', 'The disk is broken.')
    }
    const report = await controller.sync({ api: { ...controller.api, evidence } })
    expect(report).toMatchObject({ result: 'failed' })
    expect(await served(controller, 'triage')).toBe('old\n')
    await controller.sync({ retryNow: true })
    expect(await served(controller, 'triage')).toBe('new\n')
  })

  test.each(['not_offered', 'route_not_found'] as const)(
    'is not asked for again in a pass if the registry says %s',
    async (code) => {
      const { controller, repository } = await waiting()
      await repository.commit({ 'prompts/b.md': 'b', 'prompts/c.md': 'c' })
      await repository.tag('v1.2.0')
      let asked = 0
      const evidence = async () => {
        asked++
        throw new RegistryError(code, 'No.')
      }
      const report = await controller.sync({ api: { ...controller.api, evidence } })
      expect(report).toMatchObject({ result: 'synced', counts: { waiting_for_evidence: 3 } })
      expect(asked).toBe(1)
    },
  )

  test.each([
    ['about another prompt', 'free', 400, /none of its subjects has the name "free"/],
    ['about a prompt that is not there', 'triage/other', 404, /repeat this after the next pass/],
  ])('%s is refused', async (_, id, status, error) => {
    const { repository, another, ci, version, server } = await waiting()
    await repository.commit({ 'prompts/free.md': 'free' })
    await another({ source: {} }).sync()
    const named = status === 404 ? id : version.id
    const file = ci.sign(evidenceStatement({ ...version, id: named }, EVIDENCE))
    expect(await server.post(id, file, 'admin')).toMatchObject({
      status,
      error: expect.stringMatching(error),
    })
  })

  test('of more than 64 KiB is refused, and so is a second subject with the id of the prompt', async () => {
    const { ci, version, signed, server } = await waiting()
    const large = signed(ci, { url: `https://ci.example.com/${'x'.repeat(64 * 1024)}` })
    expect(await server.post('triage', large)).toMatchObject({
      ...{ status: 413, code: 'too_large' },
      error: expect.stringMatching(/^The envelope has \d+ bytes; at most 65536 are allowed/),
    })
    const once = evidenceStatement(version, EVIDENCE)
    const twice = ci.sign({ ...once, subject: [...once.subject, ...once.subject] })
    expect(await server.post('triage', twice)).toMatchObject({
      ...{ status: 400, code: 'invalid_request' },
      error: expect.stringContaining('two of its subjects have the name "triage"'),
    })
  })

  test('is open to attest and admin tokens, and an attest token to nothing else', async () => {
    const { ci, signed, server } = await waiting()
    const codes = await Promise.all(
      ['read', 'write', 'attest', 'admin'].map(
        async (access) => (await server.post('triage', signed(ci), access)).status,
      ),
    )
    expect(codes).toEqual([
      403,
      403,
      expect.toSatisfy((code) => code < 300),
      expect.toSatisfy((code) => code < 300),
    ])
    for (const path of [
      '/prompts',
      '/prompts/triage',
      '/evidence?prompt_id=triage',
      '/events',
      '/sources/demo',
    ])
      expect(await server.get(path), path).toMatchObject({
        status: 403,
        error: expect.stringContaining('but "attest" has attest access'),
      })
    expect(await server.get('/health')).toMatchObject({ status: 200 })
  })

  test('lists the newest first, by pages and by version', async () => {
    const { controller, ci, version, signed, server } = await waiting()
    const other = 'd'.repeat(64)
    const before = { ...version, identity: other }
    const files = [signed(ci), signed(ci, { result: 'FAILED' }), ci.sign(evidenceStatement(before, EVIDENCE))]
    for (const file of files) await server.post('triage', file)
    const shas = async (query: object = {}) =>
      (await controller.api.evidence({ prompt_id: 'triage', ...query })).evidence.map(
        ({ identity }) => identity,
      )
    expect(await shas()).toEqual([other, version.identity, version.identity])
    expect(await shas({ identity: version.identity })).toHaveLength(2)
    expect(await shas({ identity: 'e'.repeat(64), payload_sha256: version.payloadSha256 })).toHaveLength(3)
    const first = await controller.api.evidence({ prompt_id: 'triage', limit: 2 })
    const rest = await controller.api.evidence({ prompt_id: 'triage', cursor: first.next_cursor ?? '' })
    const envelopes = [...first.evidence, ...rest.evidence].map(({ envelope }) => envelope)
    expect(envelopes).toEqual(files.map((file) => JSON.parse(String(file)) as AttestRequest).reverse())
    expect(rest.next_cursor).toBeNull()
  })
})
