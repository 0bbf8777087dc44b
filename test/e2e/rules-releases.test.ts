import { describe, expect, it } from 'vitest'
import {
  changesOf,
  dyingAfter,
  eventTypes,
  expectSettled,
  findingsOf,
  served,
  startJourney,
  startReleased,
  versionsOf,
} from '../support/planned-journey.ts'

const TRIAGE = 'prompts/triage.txt'
const REPLY = 'prompts/reply.txt'

describe('a commit', () => {
  it('becomes a draft that only simulation and dev see', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one', [REPLY]: 'hello' })
    const report = await controller.sync()
    expect(report).toMatchObject({ result: 'synced', kind: 'first', counts: { pushed: 2 } })
    for (const mode of ['dev', 'simulation']) expect(await served(controller, 'triage', mode)).toBe('one')
    for (const mode of ['staging', 'production'])
      expect(await served(controller, 'triage', mode)).toBe('not_released')
    await expectSettled(controller)
  })

  it('says where it comes from: repository, commit, path, blob, author and time', async () => {
    const { controller, repository } = await startJourney()
    const commit = await repository.commit({ [TRIAGE]: 'one' })
    await controller.sync()
    const { origin } = await controller.api.resolve('triage', { mode: 'dev' })
    expect(origin).toEqual({
      source: 'demo',
      repository: repository.path,
      commit,
      path: TRIAGE,
      blob: await repository.git('rev-parse', `HEAD:${TRIAGE}`),
      author: 'Ada Author <ada@example.com>',
      committed_at: '2026-01-01T00:01:00.000Z',
    })
  })

  it('leaves the stable text of its prompt where it is', async () => {
    const { controller, repository } = await startReleased({ [TRIAGE]: 'one' })
    await repository.commit({ [TRIAGE]: 'two' })
    expect(await controller.sync()).toMatchObject({ kind: 'changes', counts: { pushed: 1, promoted: 0 } })
    expect(await served(controller, 'triage')).toBe('one')
    expect(await served(controller, 'triage', 'dev')).toBe('two')
    await expectSettled(controller)
  })

  it('that goes back to an earlier text makes that text the latest again, as no new version', async () => {
    const { controller, repository } = await startJourney()
    for (const text of ['one', 'two', 'one']) {
      await repository.commit({ [TRIAGE]: text })
      await controller.sync()
    }
    expect(await served(controller, 'triage', 'dev')).toBe('one')
    expect(await versionsOf(controller, 'triage')).toHaveLength(2)
    await expectSettled(controller)
  })
})

describe('a release tag', () => {
  it('makes every prompt that it covers stable, and names the unchanged ones too', async () => {
    const { controller, repository } = await startReleased({ [TRIAGE]: 'one', [REPLY]: 'hello' })
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('v1.1.0', { annotated: true })
    await controller.sync()
    expect(await served(controller, 'triage')).toBe('two')
    expect(await served(controller, 'triage@1.0.0')).toBe('one')
    expect(await served(controller, 'reply@1.1.0')).toBe('hello')
    expect(await eventTypes(controller, 'reply')).toEqual([
      'owner_changed',
      'version_pushed',
      'alias_added',
      'promoted',
      'alias_added',
      'release_raised',
    ])
    await expectSettled(controller)
  })

  it.each([
    { idPrefix: '', tag: 'triage@1.2.3', id: 'triage' },
    { idPrefix: '', tag: 'triage/v1.2.3', id: 'triage' },
    { idPrefix: 'support/', tag: 'triage@1.2.3', id: 'support/triage' },
    { idPrefix: 'support/', tag: 'support/triage@1.2.3', id: 'support/triage' },
    { idPrefix: 'support/', tag: 'triage/v1.2.3', id: 'support/triage' },
    { idPrefix: 'support/', tag: 'support/triage/v1.2.3', id: 'support/triage' },
  ])(
    '$tag releases the one prompt that it names, with the prefix "$idPrefix"',
    async ({ idPrefix, tag, id }) => {
      const { controller, repository } = await startJourney({ idPrefix })
      await repository.commit({ [TRIAGE]: 'one', [REPLY]: 'hello' })
      await repository.tag(tag)
      expect(await controller.sync()).toMatchObject({ result: 'synced', counts: { promoted: 1 } })
      expect(await served(controller, id)).toBe('one')
      expect(await served(controller, `${id}@1.2.3`)).toBe('one')
      expect(await served(controller, `${idPrefix}reply`)).toBe('not_released')
      await expectSettled(controller)
    },
  )

  it('that names no prompt of its own commit is reported and releases nothing', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one' })
    await repository.tag('reply@1.0.0')
    await repository.commit({ [REPLY]: 'hello' })
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['tag_empty reply@1.0.0'])
    expect(await served(controller, 'reply')).toBe('not_released')
    await expectSettled(controller)
  })

  it('that names a prompt whose file cannot be a version at its commit says so', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: '', [REPLY]: 'hello' })
    await repository.tag('triage@1.0.0')
    await repository.commit({ [TRIAGE]: 'one' })
    const report = await controller.sync()
    expect(report.findings).toMatchObject([
      {
        code: 'tag_incomplete',
        subject: { kind: 'tag', name: 'triage@1.0.0' },
        message: expect.stringMatching(
          /triage@1\.0\.0 does not release the file prompts\/triage\.txt: The file has no content/,
        ),
      },
    ])
    expect(await served(controller, 'triage')).toBe('not_released')
    await expectSettled(controller)
  })

  it('releases five at a time without any webhook: the newest is stable, all can be pinned', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'zero' })
    await controller.sync()
    for (const [index, text] of ['one', 'two', 'three', 'four', 'five'].entries()) {
      await repository.commit({ [TRIAGE]: text })
      await repository.tag(`v1.${index}.0`)
    }
    expect(await controller.sync()).toMatchObject({ kind: 'changes', counts: { promoted: 1, named: 4 } })
    expect(await served(controller, 'triage')).toBe('five')
    for (const [index, text] of ['one', 'two', 'three', 'four', 'five'].entries())
      expect(await served(controller, `triage@1.${index}.0`)).toBe(text)
    await expectSettled(controller)
  })

  it('below the highest release names its version, is reported and promotes nothing', async () => {
    const { controller, repository } = await startJourney()
    const first = await repository.commit({ [TRIAGE]: 'one' })
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('v2.0.0')
    await controller.sync()
    await repository.tag('v1.5.0', { at: first })
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['tag_lower v1.5.0'])
    expect(report.counts).toMatchObject({ promoted: 0, tag_lower: 1 })
    expect(await served(controller, 'triage')).toBe('two')
    expect(await served(controller, 'triage@1.5.0')).toBe('one')
    expect((await controller.rows()).get('triage')?.highest_release).toBe('2.0.0')
    await expectSettled(controller)
  })

  it('of a pre-release names its version, and neither releases nor promotes it', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one' })
    await repository.tag('v1.0.0-rc.1')
    await controller.sync()
    expect(await served(controller, 'triage')).toBe('not_released')
    expect(await served(controller, 'triage@1.0.0-rc.1')).toBe('not_released')
    expect(await served(controller, 'triage@1.0.0-rc.1', 'dev')).toBe('one')
    await expectSettled(controller)
    await repository.tag('v1.0.0')
    await controller.sync()
    expect(await served(controller, 'triage@1.0.0-rc.1')).toBe('one')
    await expectSettled(controller)
  })

  it('of a pre-release promotes where that is configured', async () => {
    const { controller, repository } = await startJourney({ prereleases: true })
    await repository.commit({ [TRIAGE]: 'one' })
    await repository.tag('v1.0.0-rc.1')
    await controller.sync()
    expect(await served(controller, 'triage')).toBe('one')
    await expectSettled(controller)
  })

  it('that is not a semantic version is reported and changes nothing', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one' })
    await repository.tag('v0.9.04')
    await repository.tag('nightly')
    expect(findingsOf(await controller.sync())).toEqual(['tag_not_release v0.9.04', 'tags_unmatched'])
    expect(await served(controller, 'triage')).toBe('not_released')
    await expectSettled(controller)
  })

  it('of a release that another tag has with the same text is fine', async () => {
    const { controller, repository } = await startReleased({ [TRIAGE]: 'one', [REPLY]: 'hello' })
    await repository.tag('triage@1.0.0')
    expect((await controller.sync()).findings).toEqual([])
    await expectSettled(controller)
  })

  it('of a release that another tag had first with other text is a conflict, and stays one', async () => {
    const { controller, repository } = await startReleased({ [TRIAGE]: 'one', [REPLY]: 'hello' })
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('triage@1.0.0')
    const report = await controller.sync()
    expect(report.findings).toHaveLength(1)
    expect(report.findings[0]?.message).toContain('1.0.0')
    expect(await served(controller, 'triage@1.0.0')).toBe('one')
    await expectSettled(controller)
    const full = await controller.sync({ force: true })
    expect(full.findings).toMatchObject([
      {
        code: 'release_conflict',
        subject: { kind: 'tag', name: 'triage@1.0.0' },
        message: expect.stringContaining('tag v1.0.0 has that release'),
      },
    ])
    expect(await served(controller, 'triage')).toBe('one')
  })

  it('of a first sync that shares its release with another gives way to the one that names its prompt', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one', [REPLY]: 'hello' })
    await repository.tag('v1.0.0')
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('triage@1.0.0')
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['release_conflict v1.0.0'])
    expect(await served(controller, 'triage@1.0.0')).toBe('two')
    expect(await served(controller, 'reply@1.0.0')).toBe('hello')
    await expectSettled(controller)
    await repository.commit({ [REPLY]: 'hi' })
    expect(findingsOf(await controller.sync())).toEqual(['release_conflict v1.0.0'])
    await expectSettled(controller)
  })
})

describe('a moved tag', () => {
  it('is a conflict: it stays where it first counted', async () => {
    const { controller, repository } = await startReleased({ [TRIAGE]: 'one' })
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('v1.0.0', { force: true })
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['tag_moved v1.0.0'])
    expect(report.result).toBe('synced')
    for (const reference of ['triage', 'triage@1.0.0'])
      expect(await served(controller, reference)).toBe('one')
    await expectSettled(controller)
    await repository.tag('v1.0.1')
    expect(findingsOf(await controller.sync())).toEqual(['tag_moved v1.0.0'])
    expect(await served(controller, 'triage')).toBe('two')
    await expectSettled(controller)
  })

  it('stays where it first counted also when the pass that counted it was killed before it promoted', async () => {
    // The same number of requests may be used up elsewhere one day, so every number is tried.
    for (let requests = 1; ; requests++) {
      const { controller, repository } = await startJourney()
      await repository.commit({ [TRIAGE]: 'one' })
      await repository.tag('v1.0.0')
      const ended = await controller.sync({ api: dyingAfter(controller.api, requests) })
      if (ended.result === 'synced') break
      const counted = (await controller.api.source('demo')).ledger_length === 1
      await repository.commit({ [TRIAGE]: 'two' })
      await repository.tag('v1.0.0', { force: true })
      const report = await controller.sync()
      expect(findingsOf(report), `after ${requests} requests`).toEqual(counted ? ['tag_moved v1.0.0'] : [])
      expect(await served(controller, 'triage')).toBe(counted ? 'one' : 'two')
      await expectSettled(controller)
    }
  })

  it('that is gone from the repository with its commit does not stop a controller that starts with an empty cache', async () => {
    const { controller, repository, another } = await startJourney({ requireReachable: false })
    const base = await repository.commit({ [REPLY]: 'hello' })
    await repository.commit({ [TRIAGE]: 'one' })
    await repository.tag('v1.0.0')
    await repository.commit({ [TRIAGE]: 'old' })
    await repository.tag('v0.9.0')
    await controller.sync()
    await repository.moveBranch(base)
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('v1.0.0', { force: true })
    await repository.deleteTag('v0.9.0')
    await repository.git('reflog', 'expire', '--expire=now', '--all')
    await repository.git('gc', '--prune=now', '--quiet')
    const fresh = another({ cache: 'fresh', source: { requireReachable: false } })
    const report = await fresh.sync({ force: true })
    expect(report).toMatchObject({ result: 'synced', message: null })
    expect(findingsOf(report)).toEqual(['tag_deleted v0.9.0', 'tag_moved v1.0.0'])
    expect(await served(fresh, 'triage')).toBe('one')
    expect(await served(fresh, 'triage', 'dev')).toBe('two')
    await expectSettled(fresh)
  })
})

describe('a deleted tag', () => {
  it('is reported and changes nothing, and stays spent for ever', async () => {
    const { controller, repository } = await startReleased({ [TRIAGE]: 'one' })
    await repository.deleteTag('v1.0.0')
    expect(findingsOf(await controller.sync())).toEqual(['tag_deleted v1.0.0'])
    for (const reference of ['triage', 'triage@1.0.0'])
      expect(await served(controller, reference)).toBe('one')
    await expectSettled(controller)
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('v1.0.0')
    expect(findingsOf(await controller.sync())).toEqual(['tag_moved v1.0.0'])
    expect(await served(controller, 'triage')).toBe('one')
    await expectSettled(controller)
  })
})

describe('a tag that is not on the branch', () => {
  it('waits, is reported, and counts after the merge', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one' })
    await controller.sync()
    await repository.git('checkout', '--quiet', '-b', 'feature')
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('v1.0.0')
    await repository.git('checkout', '--quiet', 'main')
    expect(findingsOf(await controller.sync())).toEqual(['release_unreachable v1.0.0'])
    expect(await served(controller, 'triage')).toBe('not_released')
    await expectSettled(controller)
    await repository.commit({ [REPLY]: 'hello' })
    await repository.git('merge', '--quiet', '--no-ff', '-m', 'merge', 'feature')
    expect(await controller.sync()).toMatchObject({ findings: [], counts: { promoted: 1 } })
    expect(await served(controller, 'triage')).toBe('two')
    expect(await served(controller, 'reply')).toBe('not_released')
    await expectSettled(controller)
  })

  it('may be moved while it waits: only counting binds it', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one' })
    await repository.git('checkout', '--quiet', '-b', 'feature')
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('v1.0.0')
    await repository.git('checkout', '--quiet', 'main')
    await controller.sync()
    await repository.tag('v1.0.0', { force: true })
    expect(await controller.sync()).toMatchObject({ findings: [], counts: { promoted: 1 } })
    expect(await served(controller, 'triage')).toBe('one')
    await expectSettled(controller)
  })

  it('counts at once where the configuration does not ask for reachability', async () => {
    const { controller, repository } = await startJourney({ requireReachable: false })
    await repository.commit({ [TRIAGE]: 'one' })
    await repository.git('checkout', '--quiet', '-b', 'feature')
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('v1.0.0')
    await repository.git('checkout', '--quiet', 'main')
    expect(await controller.sync()).toMatchObject({ findings: [], counts: { promoted: 1 } })
    expect(await served(controller, 'triage')).toBe('two')
    expect(await served(controller, 'triage', 'dev')).toBe('one')
    await expectSettled(controller)
  })

  it('nor on any commit is reported and stops nothing', async () => {
    const { controller, repository } = await startJourney({ requireReachable: false })
    await repository.commit({ [TRIAGE]: 'one' })
    await repository.tag('v1.0.0')
    await repository.tag('v2.0.0', { at: `HEAD:${TRIAGE}` })
    await repository.tag('v3.0.0', { at: 'HEAD^{tree}' })
    const report = await controller.sync()
    expect(report).toMatchObject({ result: 'synced', message: null, counts: { promoted: 1 } })
    expect(findingsOf(report)).toEqual(['tag_empty v2.0.0', 'tag_empty v3.0.0'])
    await expectSettled(controller)
  })
})

describe('the first sync of a repository with old tags', () => {
  it('makes the newest release stable and names the newest ones, as many as the backfill says', async () => {
    const { controller, repository } = await startJourney({ backfill: 3 })
    for (const minor of [0, 1, 2, 3, 4]) {
      await repository.commit({ [TRIAGE]: `text ${minor}` })
      await repository.tag(`v1.${minor}.0`)
      // Two tags of one release are one of the three.
      await repository.tag(`triage@1.${minor}.0`)
    }
    await repository.commit({ [TRIAGE]: 'draft' })
    const plan = await controller.plan()
    expect(changesOf(plan)[1]).toMatch(/^promote triage 1\.4\.0 /)
    await controller.sync()
    expect(await served(controller, 'triage')).toBe('text 4')
    expect(await served(controller, 'triage', 'dev')).toBe('draft')
    expect(await served(controller, 'triage@1.3.0')).toBe('text 3')
    expect(await served(controller, 'triage@1.2.0')).toBe('text 2')
    expect(await served(controller, 'triage@1.1.0')).toBe('not_found')
    await expectSettled(controller)
  })

  it('still tells of two tags with one release at the end of the backfill', async () => {
    const { controller, repository } = await startJourney({ backfill: 1 })
    await repository.commit({ [TRIAGE]: 'one' })
    await repository.tag('v1.0.0')
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('triage@1.0.0')
    expect(findingsOf(await controller.sync())).toEqual(['release_conflict v1.0.0'])
    expect(await served(controller, 'triage')).toBe('two')
    await expectSettled(controller)
  })

  it('promotes also where nothing is to be filled in', async () => {
    const { controller, repository } = await startJourney({ backfill: 0 })
    await repository.commit({ [TRIAGE]: 'one' })
    await repository.tag('v1.0.0')
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('v1.1.0')
    await controller.sync()
    expect(await served(controller, 'triage')).toBe('two')
    expect(await served(controller, 'triage@1.0.0')).toBe('not_found')
    await expectSettled(controller)
  })
})
