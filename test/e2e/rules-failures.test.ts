import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RegistryError } from '../../api/contract/errors.ts'
import type { BatchRequest, RegistryApi } from '../../api/contract/registry-api.ts'
import { sha256 } from '../../api/contract/version.ts'
import type { ChangeOutcome } from '../../controller/plan/outcomes.ts'
import { changesOf as changesIn } from '../../controller/plan/plan.ts'
import { parseState } from '../../controller/state/source-state.ts'
import {
  changesOf,
  dyingAfter,
  expectSettled,
  findingsOf,
  intercept,
  type Journey,
  served,
  startJourney,
  worldOf,
} from '../support/planned-journey.ts'
import { scratchFolder } from '../support/scratch.ts'

const TRIAGE = 'prompts/triage.txt'
const REPLY = 'prompts/reply.txt'

/** A history with everything in it that a first sync meets. */
async function richHistory({ repository }: Pick<Journey, 'repository'>): Promise<void> {
  for (const minor of [0, 1, 2, 3]) {
    await repository.commit({
      [TRIAGE]: `triage ${minor}`,
      [REPLY]: minor % 2 === 0 ? 'even' : 'odd',
      [`prompts/team/p${minor}.md`]: `---\ndescription: d${minor}\nmodel: m\n---\np ${minor}`,
      'prompts/empty.txt': '',
    })
    await repository.tag(`v1.${minor}.0`)
  }
  await repository.tag('reply@2.0.0-rc.1')
  await repository.commit({ [TRIAGE]: 'draft' })
}

async function stateOf(api: RegistryApi) {
  const state = parseState((await api.source('demo')).state)
  if (state === null) throw new Error('there is no state')
  return state
}

describe('a first sync that is cut off', () => {
  it('at any request, and run again, ends as an undisturbed one, without a second event', async () => {
    const undisturbed = await startJourney()
    await richHistory(undisturbed)
    await undisturbed.controller.sync()
    const wanted = await worldOf(undisturbed.controller)

    for (let requests = 0; ; requests++) {
      // The registry is new each time; the repository and its cache are the undisturbed ones.
      const folder = await scratchFolder()
      const cache = join('..', undisturbed.folder.split('/').at(-1) ?? '', 'cache')
      const controller = undisturbed.another({ folder, cache })
      const api = dyingAfter(controller.api, requests, { unanswered: requests % 2 === 1 })
      const cut = await controller.sync({ api })
      if (cut.result === 'synced') break
      await controller.sync({ api: dyingAfter(controller.api, requests + 1) })
      const report = await controller.sync({ retryNow: true })
      expect(['synced', 'unchanged'], `cut after ${requests} requests`).toContain(report.result)
      expect(await worldOf(controller), `cut after ${requests} requests`).toEqual(wanted)
      if (requests % 4 === 0) await expectSettled(controller)
    }
  })

  it('serves the newest release before it fills in the older ones', async () => {
    const journey = await startJourney()
    await richHistory(journey)
    const { controller } = journey
    let batches = 0
    const api = intercept(controller.api, async (name, call) => {
      if (name === 'batch' && batches++ > 0) throw new RegistryError('unavailable', 'The registry is gone.')
      return await call()
    })
    expect((await controller.sync({ api })).result).toBe('incomplete')
    expect(await served(controller, 'triage')).toBe('triage 3')
    expect(await served(controller, 'triage', 'dev')).toBe('draft')
    expect(await served(controller, 'triage@1.2.0')).toBe('not_found')
    expect((await controller.sync({ retryNow: true })).result).toBe('synced')
    expect(await served(controller, 'triage@1.2.0')).toBe('triage 2')
    await expectSettled(controller)
  })
})

describe('a registry that fails for some', () => {
  /** Answers for these prompts as a registry in trouble does. */
  function failingFor(api: RegistryApi, ids: ReadonlySet<string>, code: 'busy' | 'internal'): RegistryApi {
    return intercept(api, async (name, call, [request]) => {
      if (name !== 'batch') return await call()
      const { operations } = request as BatchRequest
      const kept = operations.filter((operation) => !ids.has(operation.prompt_id))
      const answered = kept.length === 0 ? { outcomes: [] } : await api.batch({ operations: kept })
      const outcomes = operations.map((operation) =>
        ids.has(operation.prompt_id)
          ? { ok: false, status: 503, code, error: 'Come back later.' }
          : answered.outcomes[kept.indexOf(operation)],
      )
      return { outcomes }
    })
  }

  it('does not hold the others up, is tried again after a while that grows, and keeps the watermark', async () => {
    const { controller, repository, clock } = await startJourney()
    const first = await repository.commit({ [TRIAGE]: 'one', [REPLY]: 'hello' })
    await controller.sync()
    await repository.commit({ [TRIAGE]: 'two', [REPLY]: 'hi' })
    await repository.tag('v1.0.0')
    const api = failingFor(controller.api, new Set(['triage']), 'busy')

    const waits: number[] = []
    for (let attempt = 1; attempt <= 3; attempt++) {
      const report = await controller.sync({ api })
      expect(report).toMatchObject({ result: 'incomplete', kind: 'changes' })
      expect(report.message).toContain('Come back later.')
      const state = await stateOf(controller.api)
      expect(state.watermark?.commit).toBe(first)
      expect(state.retry?.attempt).toBe(attempt)
      const wait = Date.parse(state.retry?.not_before ?? '') - clock.now
      waits.push(wait)
      expect(await served(controller, 'reply')).toBe('hi')

      // Before its time nothing is asked of anyone, and nobody is told that all is well.
      clock.now += wait - 1
      const opened = controller.traffic.opened
      expect(await controller.sync()).toMatchObject({ result: 'incomplete', kind: 'none' })
      expect(controller.traffic.opened).toBe(opened)
      clock.now += 1
    }
    expect(waits).toEqual([3750, 7500, 15_000])
    expect(await controller.sync()).toMatchObject({ result: 'synced', message: null })
    expect((await stateOf(controller.api)).retry).toBeNull()
    expect(await served(controller, 'triage')).toBe('two')
    await expectSettled(controller)
  })

  it('does so in a first sync as well', async () => {
    const { controller, repository, clock } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one', [REPLY]: 'hello' })
    await repository.tag('v1.0.0')
    const api = failingFor(controller.api, new Set(['triage']), 'internal')
    expect(await controller.sync({ api })).toMatchObject({ result: 'incomplete', kind: 'first' })
    expect(await controller.sync()).toMatchObject({ result: 'incomplete', kind: 'none' })
    clock.now += 5000
    expect(await controller.sync()).toMatchObject({ result: 'synced', kind: 'first' })
    expect(await served(controller, 'triage')).toBe('one')
    await expectSettled(controller)
  })

  it('lets a newer commit take the place of what waits', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one' })
    await controller.sync()
    await repository.commit({ [TRIAGE]: 'two' })
    await controller.sync({ api: failingFor(controller.api, new Set(['triage']), 'busy') })
    await repository.commit({ [TRIAGE]: 'three' })
    expect((await controller.sync()).result).toBe('synced')
    expect(await served(controller, 'triage', 'dev')).toBe('three')
    expect(await served(controller, `triage@${sha256('two').slice(0, 12)}`, 'dev')).toBe('not_found')
    await expectSettled(controller)
  })

  it('does not forget what a changed layout was about to bring', async () => {
    const { controller, repository, another, clock } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one', 'more/extra.txt': 'two' })
    await controller.sync()
    const wider = another({ source: { directories: ['prompts', 'more'] } })
    const api = failingFor(wider.api, new Set(['extra']), 'busy')
    expect(await wider.sync({ api })).toMatchObject({ result: 'incomplete', kind: 'full' })
    // Neither a newer commit nor a failure before the plan makes less of it.
    await repository.commit({ [TRIAGE]: 'three' })
    expect(await wider.sync({ api })).toMatchObject({ result: 'incomplete', kind: 'full' })
    clock.now += 600_000
    const gone = intercept(wider.api, async (name, call) => {
      if (name === 'lease') throw new Error('no lease today')
      return await call()
    })
    expect(await wider.sync({ api: gone })).toMatchObject({ result: 'failed', message: 'no lease today' })
    clock.now += 600_000
    expect(await wider.sync()).toMatchObject({ result: 'synced', kind: 'full' })
    expect(await served(wider, 'extra', 'dev')).toBe('two')
    await expectSettled(wider)
  })

  it('tells what a waiting retry will do in a plan', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one' })
    await controller.sync()
    await controller.sync({ force: true })
    await repository.commit({ [TRIAGE]: 'two' })
    await controller.sync({ api: failingFor(controller.api, new Set(['triage']), 'busy') })
    expect(changesOf(await controller.plan())).toEqual([`push triage ${sha256('two').slice(0, 12)} latest`])
  })
})

describe('a request that the registry refuses as a whole', () => {
  it('does not keep the other prompts of its batch out', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one', [REPLY]: 'hello' })
    await repository.tag('v1.0.0')
    const api = intercept(controller.api, async (name, call, [request]) => {
      const bad = name === 'batch' && JSON.stringify(request).includes('"triage"')
      if (bad) throw new RegistryError('invalid_request', 'operations[0]: is not what it should be.')
      return await call()
    })
    const report = await controller.sync({ api })
    expect(report.result).toBe('synced')
    expect(findingsOf(report)).toEqual(['refused triage'])
    expect(await served(controller, 'reply')).toBe('hello')
  })

  it('is none because of an author with an endless name', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one' })
    await repository.git('config', 'user.name', 'unused')
    await repository.git(
      'commit',
      '--amend',
      '--quiet',
      '--no-edit',
      `--author=${'🎉x'.repeat(1000)} <a@example.com>`,
    )
    expect(await controller.sync()).toMatchObject({ result: 'synced', counts: { pushed: 1 } })
    await expectSettled(controller)
  })
})

describe('writers of one source', () => {
  it('wait for each other, and the second names the holder when the first does not end', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one' })
    await controller.api.lease('demo', { holder: 'somebody else', ttl_seconds: 900 })
    const pauses: number[] = []
    const report = await controller.sync({ pause: async (ms) => void pauses.push(ms) })
    expect(report.result).toBe('failed')
    expect(report.message).toContain('somebody else')
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBe(15_000)
    expect(await served(controller, 'triage', 'dev')).toBe('not_found')
    // Nothing is written beside a writer, not even that it was in the way.
    expect((await controller.api.source('demo')).state).toBeNull()
  })

  it('go on as soon as the first is done', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one' })
    const { lease } = await controller.api.lease('demo', { holder: 'somebody else', ttl_seconds: 900 })
    const release = { holder: 'somebody else', token: lease?.token ?? 0, release: true }
    const report = await controller.sync({
      pause: async () => void (await controller.api.lease('demo', release)),
    })
    expect(report.result).toBe('synced')
    await expectSettled(controller)
  })

  it('never bring back an older commit that they had seen before the wait', async () => {
    const { controller, repository, another } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one' })
    const slow = another({ cache: 'slow' })
    const holder = 'somebody else'
    const { lease } = await controller.api.lease('demo', { holder, ttl_seconds: 900 })
    const report = await slow.sync({
      pause: async () => {
        if ((await controller.api.source('demo')).lease?.holder !== holder) return
        await repository.commit({ [TRIAGE]: 'two' })
        await controller.api.lease('demo', { holder, token: lease?.token ?? 0, release: true })
        expect((await controller.sync()).result).toBe('synced')
      },
    })
    expect(report.result).toBe('unchanged')
    expect(await served(slow, 'triage', 'dev')).toBe('two')
    const types = (await slow.api.events('triage')).events.map(({ type }) => type)
    expect(types).toEqual(['version_pushed', 'owner_changed'])
    await expectSettled(controller)
  })

  it('change nothing any more when they lost the lease in the middle', async () => {
    const { controller, repository, another } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one', [REPLY]: 'hello' })
    await repository.tag('v1.0.0')
    const next = another({ cache: 'next' })
    const stalled = intercept(controller.api, async (name, call) => {
      if (name === 'batch') {
        // Its lease ends while it sleeps, and another writer does its work and more.
        await next.sync({ holder: 'test:cache' })
        await repository.commit({ [TRIAGE]: 'two' })
        await repository.tag('v1.1.0')
        await next.sync({ holder: 'test:cache' })
      }
      return await call()
    })
    let rows: unknown
    const watched = intercept(stalled, async (name, call) => {
      if (name === 'batch') {
        const answer = call()
        await answer.catch(() => undefined)
        rows ??= await controller.rows()
        return await answer
      }
      return await call()
    })
    const report = await controller.sync({ api: watched })
    expect(report.result).toBe('failed')
    expect(report.message).toContain('took over the lease')
    expect(await controller.rows()).toEqual(rows)
    expect(await served(controller, 'triage')).toBe('two')
    await expectSettled(next)
  })

  it('take the lease only where something moved', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one' })
    await controller.sync()
    const before = controller.traffic.requests.length
    await controller.sync()
    expect(controller.traffic.requests.slice(before)).toEqual(['GET /sources/demo'])
  })

  it.each([
    { cache: 'cache', what: 'one folder for the repository' },
    { cache: 'other', what: 'a folder for the repository each' },
  ])('end well at the same time, with $what', async ({ cache }) => {
    const journey = await startJourney()
    await richHistory(journey)
    const { controller, another, repository } = journey
    const second = another({ cache })
    const both = async () => {
      // The registry is shared, so a pause must really pass before it is looked at again.
      const reports = await Promise.all([controller.sync({ holder: 'a' }), second.sync({ holder: 'b' })])
      expect(reports.map(({ result }) => result).sort()).toEqual(['synced', 'unchanged'])
    }
    await both()
    await repository.commit({ [TRIAGE]: 'more' })
    await repository.tag('v2.0.0')
    await both()
    expect(await served(controller, 'triage')).toBe('more')
    await expectSettled(controller)

    const alone = await startJourney()
    await richHistory(alone)
    await alone.controller.sync()
    await alone.repository.commit({ [TRIAGE]: 'more' })
    await alone.repository.tag('v2.0.0')
    await alone.controller.sync()
    expect(await worldOf(controller)).toEqual(await worldOf(alone.controller))
  })
})

describe('a plan', () => {
  it('is what sync then does, and asks the registry only to read', async () => {
    const journey = await startJourney()
    const { controller, repository } = journey
    const checkPlan = async (options = {}) => {
      const before = controller.traffic.requests.length
      const plan = await controller.plan(options)
      const asked = controller.traffic.requests.slice(before)
      const reads = (request: string) => request.startsWith('GET ') || request === 'POST /lookup'
      expect(asked.filter((request) => !reads(request))).toEqual([])
      expect(await controller.plan(options)).toEqual(plan)

      const outcomes: ChangeOutcome[] = []
      const report = await controller.sync({ ...options, onOutcomes: (made) => outcomes.push(...made) })
      // Each planned change has its effect, and nothing else happens.
      expect(outcomes.map(({ change }) => change)).toEqual(expect.arrayContaining(changesIn(plan)))
      expect(outcomes).toHaveLength(changesIn(plan).length)
      expect(outcomes.filter(({ kind }) => kind !== 'done')).toEqual([])
      expect(report.findings.map(({ message }) => message)).toEqual(
        expect.arrayContaining(plan.findings.map(({ message }) => message)),
      )
      const planned = changesOf(plan)
      return { planned, promotions: planned.filter((change) => change.startsWith('promote ')).length }
    }
    await richHistory(journey)
    expect((await checkPlan()).promotions).toBe(6)
    await repository.commit({ [TRIAGE]: 'newer', [REPLY]: null })
    await repository.tag('v1.4.0')
    expect((await checkPlan()).promotions).toBe(5)
    expect((await checkPlan()).planned).toEqual([])
    expect((await checkPlan({ force: true })).promotions).toBe(0)
    await expectSettled(controller)
  })
})

describe('a registry that is rebuilt from git', () => {
  it('serves the same texts under the same labels and releases', async () => {
    const journey = await startJourney()
    const { controller, repository, another } = journey
    for (const minor of [0, 1, 2]) {
      await repository.commit({ [TRIAGE]: `triage ${minor}`, [REPLY]: '---\nmodel: m\n---\nhello' })
      await repository.tag(`v1.${minor}.0`)
      await controller.sync()
    }
    const rebuilt = another({ folder: await scratchFolder() })
    await rebuilt.sync()
    for (const reference of ['triage', 'triage@1.0.0', 'triage@1.1.0', 'reply', 'reply@1.1.0']) {
      const [old, now] = await Promise.all([
        controller.api.resolve(reference),
        rebuilt.api.resolve(reference),
      ])
      expect({ ...now, aliases: [] }).toMatchObject({
        version: old.version,
        status: old.status,
        content: old.content,
        config: old.config,
        content_sha256: old.content_sha256,
      })
    }
    await expectSettled(rebuilt)
  })
})
