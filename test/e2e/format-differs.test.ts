import { describe, expect, it } from 'vitest'
import {
  expectSettled,
  findingsOf,
  served,
  startJourney,
  startReleased,
  versionsOf,
  worldOf,
} from '../support/planned-journey.ts'
import { scratchFolder } from '../support/scratch.ts'

const TEXT = '---\nmodel: m\n---\nAsk {{who}}.\n'
/** Front matter only for dotprompt, since a comment comes first. */
const COMMENTED = `# licence\n${TEXT}`

const FROM_MD = { 'prompts/a.md': null, 'prompts/a.prompt': TEXT }

describe('bytes that come back under an extension of another format', () => {
  it('are the same version with its first reading, and a problem until the file or its setting changes', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ 'prompts/a.md': TEXT })
    await controller.sync()
    const before = await controller.api.resolve('a', { mode: 'dev', include: 'file' })

    await repository.commit(FROM_MD)
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['format_differs prompts/a.prompt'])
    expect(report.findings[0]?.message).toBe(
      `prompts/a.prompt has the bytes of version ${before.version}, which was read as front-matter, not dotprompt. The version keeps that reading. Change the file, or set format: dotprompt in .promptctl.yaml.`,
    )
    expect(await controller.api.resolve('a', { mode: 'dev', include: 'file' })).toEqual(before)
    await expectSettled(controller)

    const layout = 'prompts: { prompts/a.prompt: { format: dotprompt } }\n'
    await repository.commit({ '.promptctl.yaml': layout })
    expect(findingsOf(await controller.sync())).toEqual([])
    const set = await controller.api.resolve('a', { mode: 'dev', include: 'file' })
    expect(set).toMatchObject({ format: 'dotprompt', template_language: 'handlebars', file: TEXT })
    expect(set.identity).not.toBe(before.identity)
    await expectSettled(controller)
  })

  it.each([
    ['the file changes', { 'prompts/a.prompt': `${TEXT}More.\n` }],
    ['the former extension comes back', { 'prompts/a.prompt': null, 'prompts/a.md': TEXT }],
    ['the file is deleted', { 'prompts/a.prompt': null, 'prompts/b.md': 'x' }],
  ])('are no problem any more once %s', async (_, change) => {
    const { controller, repository } = await startJourney()
    await repository.commit({ 'prompts/a.md': TEXT })
    await controller.sync()
    await repository.commit(FROM_MD)
    await controller.sync()
    await repository.commit(change)
    expect(findingsOf(await controller.sync())).toEqual([])
    await expectSettled(controller)
  })

  it('keep the template language, which follows from the extension too', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ 'prompts/a.txt': 'Ask {{ who }}.\n' })
    await controller.sync()
    await repository.commit({ 'prompts/a.txt': null, 'prompts/a.j2': 'Ask {{ who }}.\n' })
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['format_differs prompts/a.j2'])
    expect(report.findings[0]?.message).toContain('or set templateLanguage: jinja in .promptctl.yaml.')
    expect(await controller.api.resolve('a', { mode: 'dev' })).toMatchObject({ template_language: null })
  })

  it('are kept out if the front matter would end elsewhere', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ 'prompts/a.md': COMMENTED })
    await controller.sync()
    await repository.commit({ 'prompts/a.md': 'other\n' })
    await repository.tag('v1.0.0')
    await controller.sync()
    await repository.commit({ 'prompts/a.md': null, 'prompts/a.prompt': COMMENTED })
    await repository.tag('v1.1.0')
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['format_differs prompts/a.prompt', 'format_differs v1.1.0'])
    expect(report.findings[0]?.message).toContain(
      'its content would start elsewhere, so the file is kept out',
    )
    expect([await served(controller, 'a'), await served(controller, 'a', 'dev')]).toEqual([
      'other\n',
      'other\n',
    ])
    expect(await versionsOf(controller, 'a')).toHaveLength(2)
    await expectSettled(controller)

    await repository.commit({ 'prompts/a.prompt': `${COMMENTED}More.\n` })
    await repository.tag('v1.2.0')
    expect(findingsOf(await controller.sync())).toEqual(['tag_format_differs v1.1.0'])
    expect(await served(controller, 'a')).toBe('Ask {{who}}.\nMore.\n')
    await expectSettled(controller)
  })

  it('are read and reported in the same way by a registry that is rebuilt from git', async () => {
    const { controller, repository, another } = await startReleased({
      'prompts/a.md': TEXT,
      'prompts/b.md': COMMENTED,
    })
    await repository.commit({
      ...FROM_MD,
      ...{ 'prompts/b.md': null, 'prompts/b.prompt': COMMENTED },
    })
    await repository.tag('v1.1.0')
    const files = ['prompts/a.prompt', 'prompts/b.prompt'].map((path) => `format_differs ${path}`)
    expect(findingsOf(await controller.sync())).toEqual([...files, 'format_differs v1.1.0'])

    const rebuilt = another({ folder: await scratchFolder() })
    expect(findingsOf(await rebuilt.sync())).toEqual([...files, 'format_differs v1.1.0'])
    for (const one of [controller, rebuilt]) {
      expect(await one.api.resolve('a')).toMatchObject({ format: 'front-matter', release: '1.1.0' })
      expect(await one.api.resolve('b')).toMatchObject({ content: COMMENTED, release: '1.0.0' })
      await expectSettled(one)
    }
  })

  it('are still the version that was rolled back', async () => {
    const { controller, repository } = await startReleased({ 'prompts/a.md': 'first\n' })
    await repository.commit({ 'prompts/a.md': TEXT })
    await repository.tag('v1.1.0')
    await controller.sync()
    await controller.api.rollback('a', {})
    await repository.commit(FROM_MD)
    await repository.tag('v1.2.0')
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['format_differs prompts/a.prompt', 'format_differs v1.2.0', 'held a'])
    expect(await served(controller, 'a')).toBe('first\n')
    await expectSettled(controller)
  })

  it('count as files that cannot be read, which can be a mass change', async () => {
    const { controller, repository } = await startJourney()
    const ids = Array.from({ length: 12 }, (_, index) => `p${index}`)
    const files = (extension: string, text: (id: string) => string | null) =>
      Object.fromEntries(ids.map((id) => [`prompts/${id}.${extension}`, text(id)]))
    await repository.commit(files('md', (id) => `${COMMENTED}${id}`))
    await controller.sync()
    const before = await worldOf(controller)
    await repository.commit({ ...files('md', () => null), ...files('prompt', (id) => `${COMMENTED}${id}`) })
    const report = await controller.sync()
    expect(findingsOf(report)).toContain('mass_change demo')
    expect(await worldOf(controller)).toEqual(before)
  })
})
