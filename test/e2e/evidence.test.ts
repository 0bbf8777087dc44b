import { basename, dirname } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { TEST_RESULT } from '../../api/contract/attestation/statement.ts'
import { verificationKey } from '../../api/contract/keys/verification-key.ts'
import { evidenceStatement } from '../../controller/evidence/evidence-statement.ts'
import type { PassInput } from '../../controller/pass/pass-input.ts'
import { type Attester, attester } from '../support/attesters.ts'
import { APP, JUDGED_AT } from '../support/evidence-cases.ts'
import { expected, NAMED_CASES, outcomes, REQUIRE, releasedCases } from '../support/evidence-outcomes.ts'
import { attach, latestVersion, promptFile } from '../support/evidence-world.ts'
import { gitHttpMissing, startGitHttpServer } from '../support/git-http-server.ts'
import { fakeClock, sourceOn, TOKEN } from '../support/github/source.ts'
import { startGitHub } from '../support/github/start.ts'
import {
  changesOf,
  eventsOf,
  eventTypes,
  expectSettled,
  findingsOf,
  served,
  startJourney,
} from '../support/planned-journey.ts'

describe('a release is promoted only with the evidence that it needs', () => {
  test('from a git server, in one pass with one listing', async (context) => {
    const missing = gitHttpMissing()
    if (missing !== undefined && process.env.REQUIRE_ALL !== '1') return context.skip(missing)
    const { repository, another } = await releasedCases()
    const server = await startGitHttpServer({ root: dirname(repository.path) })
    onTestFinished(() => server.close())
    const url = `${server.url}/${basename(repository.path)}/.git`
    const controller = another({ source: { require: REQUIRE }, repository: url, cache: 'over-http' })
    const report = await controller.sync()
    expect(report.result).toBe('synced')
    expect(controller.traffic.listings).toBe(1)
    const all = await outcomes(controller, report)
    // Git has no check runs, so nothing that needs one is promoted.
    const needsCheck = (index: number) => (NAMED_CASES[index]?.checks.length ?? 0) > 0
    expect(all.filter((_, index) => !needsCheck(index))).toEqual(
      NAMED_CASES.filter((_, index) => !needsCheck(index)).map(expected),
    )
    for (const { text, message } of all.filter((_, index) => needsCheck(index))) {
      expect(text).toMatch(/^old/)
      expect(message).toMatch(/the check runs cannot be read: this source is read with git; set type: github/)
    }
    expect(findingsOf(report).filter((one) => one.startsWith('evidence_missing'))).toEqual([
      'evidence_missing v1.1.0',
    ])
    await expectSettled(controller)
  })

  test('from GitHub', async () => {
    const { repository, another, commit, clock } = await releasedCases()
    const github = await startGitHub({ repositoryPath: repository.path, token: TOKEN, now: () => clock.now })
    onTestFinished(() => github.close())
    for (const { name, checks } of NAMED_CASES)
      for (const run of checks) github.shown().checkRuns.push({ sha: commit, name, ...run })
    const controller = another({ source: { require: REQUIRE } })
    const git = sourceOn(github, fakeClock(JUDGED_AT), { evidence: true })
    const report = await controller.sync({ git })
    expect(report.result).toBe('synced')
    expect(await outcomes(controller, report)).toEqual(NAMED_CASES.map(expected))
  })
})

const EVIDENCE = { evidence: 'eval', predicate: TEST_RESULT, result: 'PASSED', finishedAt: JUDGED_AT }

/** A prompt that is served, and a release with a new version of it that needs evidence by `ci`. */
async function waiting(require: object = {}) {
  const ci = attester()
  const journey = await startJourney({ require: [{ evidence: 'eval', from: [ci.publicKey], ...require }] })
  const { repository, controller, clock, another } = journey
  clock.now = JUDGED_AT
  await repository.commit({ 'prompts/triage.md': promptFile('old'), 'prompts/free.md': 'free' })
  await repository.tag('v1.0.0')
  await another({ source: {} }).sync()
  const commit = await repository.commit({ 'prompts/triage.md': promptFile('new') })
  await repository.tag('v1.1.0')
  const report = await controller.sync()
  const version = await latestVersion(controller.api, 'triage')
  const attest = (by: Attester, different: object = {}) =>
    attach(repository, version, by.sign(evidenceStatement(version, { ...EVIDENCE, ...different })))
  return { ...journey, ci, report, version, commit, attest }
}

describe('a release that waits for evidence', () => {
  test('names its version, which stays a draft, and leaves unchanged prompts alone', async () => {
    const { controller, report, version } = await waiting()
    expect(report).toMatchObject({ result: 'synced', counts: { waiting_for_evidence: 1, promoted: 0 } })
    expect(findingsOf(report)).toEqual(['waiting_for_evidence triage'])
    expect(report.findings[0]?.message).toBe(
      `Release 1.1.0 of "triage" waits for evidence about version ${version.identity.slice(0, 12)}: it has no evidence "eval". Attest the version, or let it through: promptctl promote triage 1.1.0 --override --reason "…"`,
    )
    expect(await served(controller, 'triage')).toBe('old\n')
    expect(await served(controller, 'triage@1.1.0')).toBe('not_released')
    expect(await served(controller, 'triage@1.1.0', 'dev')).toBe('new\n')
    expect((await controller.rows()).get('free')?.highest_release).toBe('1.1.0')
    const { state } = await controller.api.source('demo')
    expect(state).toMatchObject({
      evidence: { look_again_at: null },
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'Held', status: 'True', reason: 'WaitingForEvidence' }),
      ]),
    })
    await expectSettled(controller)
  })

  test('is promoted by the pass that sees the evidence, and the source then waits for nothing', async () => {
    const { controller, ci, attest } = await waiting()
    await attest(ci)
    expect(changesOf(await controller.plan())).toEqual([expect.stringMatching(/^promote triage 1\.1\.0 /)])
    const report = await controller.sync()
    expect(report).toMatchObject({ result: 'synced', counts: { promoted: 1 } })
    expect(findingsOf(report)).toEqual([])
    expect(await served(controller, 'triage')).toBe('new\n')
    expect((await controller.api.source('demo')).state).toMatchObject({ evidence: null })
    const { details } =
      (await eventsOf(controller, 'triage')).findLast(({ type }) => type === 'promoted') ?? {}
    expect(details?.evidence).toEqual([
      {
        ...{ name: 'eval', result: 'PASSED', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
        attester: verificationKey(ci.publicKey).fingerprint,
        finished_at: new Date(JUDGED_AT).toISOString(),
      },
    ])
    await expectSettled(controller)
  })

  test('costs one listing and one request to the registry while nothing moves', async () => {
    const { controller } = await waiting()
    controller.traffic.requests.length = 0
    controller.traffic.listings = 0
    expect((await controller.sync()).result).toBe('unchanged')
    expect(controller.traffic.listings).toBe(1)
    expect(controller.traffic.requests).toEqual(['GET /sources/demo'])
  })

  test('goes on waiting if the evidence of a later tag comes, and other evidence moves nothing', async () => {
    const { controller, ci, repository, version, attest } = await waiting()
    await attest(attester())
    expect((await controller.sync()).counts).toMatchObject({ waiting_for_evidence: 1, promoted: 0 })
    await attest(ci)
    await controller.sync()
    const other = { ...version, identity: 'e'.repeat(64) }
    await attach(repository, other, ci.sign(evidenceStatement(other, EVIDENCE)))
    expect((await controller.sync()).result).toBe('unchanged')
  })

  test('waits if the signer is removed from the configuration before it is promoted', async () => {
    const { another, ci, attest } = await waiting()
    await attest(ci)
    const revoked = another({ source: { require: [{ evidence: 'eval', from: [attester().publicKey] }] } })
    expect(findingsOf(await revoked.sync())).toEqual(['waiting_for_evidence triage'])
    expect(await served(revoked, 'triage')).toBe('old\n')
  })

  test('stays promoted when its evidence expires or is deleted', async () => {
    const { controller, ci, repository, clock, attest } = await waiting({ maxAge: '1d' })
    await attest(ci)
    await controller.sync()
    clock.now += 30 * 86_400_000
    const refs = await repository.git('for-each-ref', '--format=%(refname)', 'refs/promptctl')
    for (const ref of refs.split('\n')) await repository.git('update-ref', '-d', ref)
    expect(findingsOf(await controller.sync({ force: true }))).toEqual([])
    expect(await served(controller, 'triage')).toBe('new\n')
  })

  test('is let through by an admin, which is an event and a hold, and passes the gate afterwards', async () => {
    const { controller } = await waiting()
    await controller.api.promote('triage', { version: '1.1.0', override: true, reason: 'outage' })
    expect(await served(controller, 'triage')).toBe('new\n')
    expect(await eventTypes(controller, 'triage')).toEqual(expect.arrayContaining(['promoted', 'held']))
    const { hold } = (await controller.rows()).get('triage') ?? {}
    expect(hold).toMatchObject({ kind: 'until_lifted' })
    expect(findingsOf(await controller.sync({ force: true }))).not.toContain('waiting_for_evidence triage')
    expect(await served(controller, 'triage')).toBe('new\n')
  })

  test('is never promoted by a pass that cannot read its evidence', async () => {
    const { controller, ci, attest } = await waiting()
    await attest(ci)
    const { git } = controller
    const broken: PassInput['git'] = {
      ...git,
      async open(listing, signal) {
        const snapshot = await git.open(listing, signal)
        const evidence = new Set(listing.evidence?.map(({ oid }) => oid))
        return {
          ...snapshot,
          async *blobs(oids, most) {
            const wanted = [...oids]
            if (wanted.some((oid) => evidence.has(oid))) throw new Error('the disk is broken')
            yield* snapshot.blobs(wanted, most)
          },
        }
      },
    }
    expect(await controller.sync({ git: broken })).toMatchObject({ result: 'failed' })
    expect(await served(controller, 'triage')).toBe('old\n')
    await controller.sync({ retryNow: true })
    expect(await served(controller, 'triage')).toBe('new\n')
  })
})

describe('a release that waits for a check run', () => {
  test('is looked at again after a minute, and less often the longer it waits', async () => {
    const { repository, another, controller: _, clock, commit } = await waiting()
    const github = await startGitHub({ repositoryPath: repository.path, token: TOKEN, now: () => clock.now })
    onTestFinished(() => github.close())
    const controller = another({ source: { require: [{ evidence: 'eval', from: [{ app: APP }] }] } })
    const git = sourceOn(github, fakeClock(JUDGED_AT), { evidence: false })
    const sync = () => controller.sync({ git })
    const again = async () =>
      ((await controller.api.source('demo')).state as { evidence: { look_again_at: string } }).evidence
        .look_again_at
    expect(findingsOf(await sync())).toEqual(['waiting_for_evidence triage'])
    expect(Date.parse(await again())).toBe(clock.now + 60_000)
    clock.now += 59_999
    expect((await sync()).result).toBe('unchanged')
    clock.now += 3_600_001
    expect((await sync()).kind).toBe('full')
    expect(Date.parse(await again())).toBe(clock.now + 15 * 60_000)
    github.shown().checkRuns.push({
      ...{ sha: commit, name: 'eval', appId: APP, conclusion: 'success' },
      completedAt: new Date(clock.now).toISOString(),
    })
    clock.now += 15 * 60_000
    expect(await sync()).toMatchObject({ counts: { promoted: 1 } })
    expect(await served(controller, 'triage')).toBe('new\n')
  })

  test.each([
    [403, 'synced', /the check runs cannot be read: GitHub does not let this source read check runs/],
    [500, 'failed', /GitHub failed to answer/],
  ])('is not promoted if GitHub answers %d', async (status, result, reason) => {
    const { repository, another, clock } = await waiting()
    const github = await startGitHub({ repositoryPath: repository.path, token: TOKEN, now: () => clock.now })
    onTestFinished(() => github.close())
    github.intercept = (operation) =>
      operation.includes('check-runs') ? { status, body: { message: 'No' } } : undefined
    const controller = another({ source: { require: [{ evidence: 'eval', from: [{ app: APP }] }] } })
    const report = await controller.sync({ git: sourceOn(github, fakeClock(JUDGED_AT)) })
    expect(report.result).toBe(result)
    expect([report.message, ...report.findings.map(({ message }) => message)].join()).toMatch(reason)
    expect(await served(controller, 'triage')).toBe('old\n')
  })
})
