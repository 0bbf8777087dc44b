import { describe, expect, it } from 'vitest'
import { sha256 } from '../../api/contract/version.ts'
import {
  expectSettled,
  findingsOf,
  quarantined,
  served,
  startJourney,
  startReleased,
  versionsOf,
} from '../support/planned-journey.ts'

const TRIAGE = 'prompts/triage.txt'
const REPLY = 'prompts/reply.txt'

describe('a file that cannot become a version', () => {
  it('is reported with its reason while the rest goes on, and comes in once it is mended', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({
      [TRIAGE]: 'one',
      'prompts/empty.txt': '',
      'prompts/latin.txt': Buffer.from('caf\xe9', 'latin1'),
      'prompts/large.txt': 'x'.repeat(256 * 1024 + 1),
      'prompts/lfs.txt': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n',
      'prompts/link.txt': { symlink: 'triage.txt' },
      'prompts/events.txt': 'a route word',
      'prompts/a_v2.txt': 'reads as a pin',
      'prompts/Same.txt': 'one',
      'prompts/same.md': 'two',
      'prompts/matter.txt': '---\nvariables: {a: [}\n---\ntext',
      'prompts/picture.png': 'not a prompt',
    })
    await repository.tag('v1.0.0')
    const report = await controller.sync()
    expect(report).toMatchObject({ result: 'synced', counts: { promoted: 1, quarantined: 10, ignored: 1 } })
    const reasons = Object.fromEntries(
      Object.entries(quarantined(report)).map(([path, reason]) => [path.slice(8), reason]),
    )
    expect(reasons).toEqual({
      'Same.txt': expect.stringContaining('same.md'),
      'a_v2.txt': expect.stringContaining('pin'),
      'empty.txt': expect.stringContaining('no content'),
      'events.txt': expect.stringContaining('events'),
      'large.txt': expect.stringContaining('262145 bytes'),
      'latin.txt': expect.stringContaining('UTF-8'),
      'lfs.txt': expect.stringContaining('LFS'),
      'link.txt': expect.stringContaining('symbolic link'),
      'matter.txt': expect.stringContaining('Line 2'),
      'same.md': expect.stringContaining('Same.txt'),
    })
    expect(await served(controller, 'triage')).toBe('one')
    expect([...(await controller.rows()).keys()]).toEqual(['triage'])
    await expectSettled(controller)

    // Another commit does not make what is still there forgotten.
    await repository.commit({ [TRIAGE]: 'two', 'prompts/empty.txt': 'mended', 'prompts/same.md': null })
    const second = await controller.sync()
    expect(Object.keys(quarantined(second))).toHaveLength(7)
    expect(await served(controller, 'empty', 'dev')).toBe('mended')
    expect(await served(controller, 'Same', 'dev')).toBe('one')
    await expectSettled(controller)
    expect(Object.keys(quarantined(await controller.sync()))).toHaveLength(7)
  })

  it('leaves what it was before in the registry', async () => {
    const { controller, repository } = await startReleased({ [TRIAGE]: 'one' })
    await repository.commit({ [TRIAGE]: '' })
    await repository.tag('v1.1.0')
    expect(Object.keys(quarantined(await controller.sync()))).toHaveLength(1)
    expect(await served(controller, 'triage')).toBe('one')
    expect(await served(controller, 'triage', 'dev')).toBe('one')
    await expectSettled(controller)
  })
})

describe('front matter', () => {
  it('is no content, and a changed description is a new draft that production does not see', async () => {
    const { controller, repository } = await startJourney()
    const file = (description: string) =>
      `---\r\ndescription: ${description}\r\ntags: [a, b]\r\nmodel: x\r\nvariables: [name]\r\n---\r\nHi {name}\r\n`
    await repository.commit({ [TRIAGE]: file('old') })
    await repository.tag('v1.0.0')
    await controller.sync()
    const first = await controller.api.resolve('triage')
    expect(first).toMatchObject({
      version: sha256(file('old')).slice(0, 12),
      content: 'Hi {name}\r\n',
      config: { model: 'x' },
      variables: ['name'],
      description: 'old',
      tags: ['a', 'b'],
    })
    await repository.commit({ [TRIAGE]: file('new') })
    expect(await controller.sync()).toMatchObject({ counts: { pushed: 1, promoted: 0 } })
    expect(await controller.api.resolve('triage')).toEqual({ ...first, revision: expect.any(Number) })
    expect(await controller.api.resolve('triage', { mode: 'dev' })).toMatchObject({
      description: 'new',
      version: sha256(file('new')).slice(0, 12),
      content: first.content,
    })
    await expectSettled(controller)
  })

  it('of an older release stays as it was released', async () => {
    const { controller, repository } = await startReleased({ [TRIAGE]: '---\ndescription: old\n---\none' })
    await repository.commit({ [TRIAGE]: '---\ndescription: new\n---\none' })
    await controller.sync()
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('v1.1.0')
    await controller.sync()
    await controller.sync({ force: true })
    expect(await controller.api.resolve('triage@1.0.0')).toMatchObject({ description: 'old' })
    await expectSettled(controller)
  })

  it('that configures the model makes another version of the same text', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'text' })
    await controller.sync()
    await repository.commit({ [TRIAGE]: '---\nmodel: x\n---\ntext' })
    await controller.sync()
    const [configured, plain] = await versionsOf(controller, 'triage')
    expect(plain?.version).toBe(sha256('text').slice(0, 12))
    expect(configured?.version).toBe(sha256('---\nmodel: x\n---\ntext').slice(0, 12))
    await expectSettled(controller)
  })
})

describe('a file that moves', () => {
  it('is a new prompt under its new name; the old one keeps resolving', async () => {
    const { controller, repository } = await startReleased({ [TRIAGE]: 'one' })
    await repository.commit({ [TRIAGE]: null, 'prompts/sorting.txt': 'one' })
    await repository.tag('v1.1.0')
    await controller.sync()
    expect(await served(controller, 'triage')).toBe('one')
    expect(await served(controller, 'triage@1.1.0')).toBe('not_found')
    expect(await served(controller, 'sorting@1.1.0')).toBe('one')
    await expectSettled(controller)
  })

  it('only in case is refused with the reason if the prompt belongs to another source', async () => {
    const { controller, repository } = await startJourney()
    await controller.api.push({ prompt_id: 'triage', content: 'one' })
    await controller.api.transfer('triage', { source: 'another', create: true })
    await repository.commit({ 'prompts/Triage.txt': 'two', [REPLY]: 'hi' })
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['refused Triage'])
    expect(report.findings[0]?.message).toContain('only by case')
    expect(await served(controller, 'reply', 'dev')).toBe('hi')
    await expectSettled(controller)
  })
})

describe('one text in two prompts', () => {
  it('is a version of each', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'same', [REPLY]: 'same' })
    await repository.tag('triage@1.0.0')
    await controller.sync()
    expect(await served(controller, 'triage')).toBe('same')
    expect(await served(controller, 'reply')).toBe('not_released')
    expect(await served(controller, 'reply', 'dev')).toBe('same')
    await expectSettled(controller)
  })
})

describe('a changed configuration', () => {
  it('makes a full pass that brings in what the new layout sees', async () => {
    const { controller, repository, another } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one', 'more/extra.txt': 'two' })
    await repository.tag('release-1.0.0')
    await controller.sync()
    const wider = another({ source: { directories: ['prompts', 'more'] } })
    expect(await wider.sync()).toMatchObject({ kind: 'full', counts: { pushed: 1 } })
    expect(await served(wider, 'extra', 'dev')).toBe('two')
    await expectSettled(wider)

    const released = another({
      source: { directories: ['prompts', 'more'], releases: ['release-{version}'] },
    })
    expect(await released.sync()).toMatchObject({ kind: 'full', counts: { promoted: 2 } })
    expect(await served(released, 'extra')).toBe('two')
    await expectSettled(released)

    const prefixed = another({ source: { idPrefix: 'support/', releases: ['release-{version}'] } })
    expect(await prefixed.sync()).toMatchObject({ kind: 'full', counts: { promoted: 1 } })
    for (const id of ['triage', 'support/triage']) expect(await served(prefixed, id)).toBe('one')
    await expectSettled(prefixed)
  })

  it('is only one where it can come to other results', async () => {
    const { controller, repository, another } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one' })
    await controller.sync()
    const slower = another({ source: { schedule: '1h' } })
    expect((await slower.sync()).result).toBe('unchanged')
  })

  it('that asks for more backfill brings in the older releases', async () => {
    const { controller, repository, another } = await startJourney({ backfill: 1 })
    for (const text of ['one', 'two', 'three']) {
      await repository.commit({ [TRIAGE]: text })
      await repository.tag(`v${text.length}.0.0`, { force: true })
      await repository.tag(`v1.0.${text.charCodeAt(1)}`)
    }
    await controller.sync()
    const before = (await versionsOf(controller, 'triage')).length
    const more = another({ source: { backfill: 5 } })
    await more.sync()
    expect((await versionsOf(more, 'triage')).length).toBeGreaterThan(before)
    await expectSettled(more)
  })
})
