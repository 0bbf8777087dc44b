import { describe, expect, it } from 'vitest'
import { sha256 } from '../../api/contract/version.ts'
import {
  changesOf,
  expectSettled,
  findingsOf,
  quarantined,
  startJourney,
} from '../support/planned-journey.ts'

const SCOUT = 'scout:\n  role: Finds suppliers\n  goal: Find three suppliers for {part}\n'
const BUYER = 'buyer:\n  role: Compares offers\n  backstory: |\n    You never pay\n\n    too much.\n'
const CREW = `# The crew\n${SCOUT}\n# Second\n${BUYER}`
const SETTINGS = { include: ['**/*.yaml'] }
const LAYOUT = 'prompts: { prompts/crew.yaml: { split: true } }\n'

async function crew(text = CREW) {
  const journey = await startJourney(SETTINGS)
  await journey.repository.commit({ '.promptctl.yaml': LAYOUT, 'prompts/crew.yaml': text })
  return journey
}

describe('a split file', () => {
  it('is a prompt for each key, of which the file is the source text of the key', async () => {
    const { controller, repository } = await crew()
    await repository.tag('v1.0.0')
    expect(findingsOf(await controller.sync())).toEqual([])
    expect([...(await controller.rows()).keys()].sort()).toEqual(['crew/buyer', 'crew/scout'])
    const scout = await controller.api.resolve('crew/scout', { include: 'file' })
    expect(scout).toMatchObject({
      ...{ content: SCOUT, file: SCOUT, file_sha256: sha256(SCOUT), identity: sha256(SCOUT), format: 'text' },
      origin: {
        path: 'prompts/crew.yaml',
        blob: await repository.git('rev-parse', 'HEAD:prompts/crew.yaml'),
      },
      release: '1.0.0',
    })
    expect((await controller.api.resolve('crew/buyer')).content).toBe(BUYER)
    await expectSettled(controller)
  })

  it.each([
    ['another key', CREW.replace('pay', 'spend'), ['push crew/buyer']],
    ['a comment between keys', CREW.replace('# Second', '# The second'), []],
    ['the order of keys', `${BUYER}${SCOUT}`, []],
    ['a new key', `${CREW}clerk: Files the offers.\n`, ['push crew/clerk']],
    ['a key that is gone', SCOUT, ['archive crew/buyer']],
    ['an error below a key', CREW.replace('  role: Compares', '  role: "Compares'), ['push crew/buyer']],
  ])('changes no prompt but that of the key, with %s', async (_, text, changes) => {
    const { controller, repository } = await crew()
    await controller.sync()
    await repository.commit({ 'prompts/crew.yaml': text })
    const plan = changesOf(await controller.plan()).map((line) => line.split(' ').slice(0, 2).join(' '))
    expect(plan).toEqual(changes)
    expect(findingsOf(await controller.sync())).toEqual([])
    await expectSettled(controller)
  })

  it.each([
    ['a key twice', `${SCOUT}${SCOUT}${BUYER}`, 'prompts/crew.yaml//scout', 'is there twice'],
    ['a key that is no prompt id', `${BUYER}"a:b": c\n`, 'prompts/crew.yaml//a:b', 'a:b'],
    [
      'too many keys',
      Array.from({ length: 501 }, (_, at) => `k${at}: x\n`).join(''),
      'prompts/crew.yaml',
      '501 keys',
    ],
    ['no key', '- a\n- b\n', 'prompts/crew.yaml', 'has no key to split it at'],
  ])('is quarantined as far as it has %s', async (_, text, name, reason) => {
    const { controller } = await crew(text)
    expect(quarantined(await controller.sync())[name]).toContain(reason)
    expect([...(await controller.rows()).keys()]).toEqual(text.includes(BUYER) ? ['crew/buyer'] : [])
    await expectSettled(controller)
  })

  it('takes values of the layout by its path, and a release of one key by tag', async () => {
    const { controller, repository } = await startJourney({ ...SETTINGS, releases: ['{id}@{version}'] })
    const layout = 'prompts: { "**/crew.yaml": { split: true, templateLanguage: f-string, tags: [crew] } }\n'
    await repository.commit({ '.promptctl.yaml': layout, 'prompts/crew.yaml': CREW })
    await repository.tag('crew/scout@2.0.0')
    expect(findingsOf(await controller.sync())).toEqual([])
    expect(await controller.api.resolve('crew/scout')).toMatchObject({
      ...{ release: '2.0.0', tags: ['crew'], template_language: 'f-string' },
      inputs: [{ name: 'part', declared: false }],
    })
    expect((await controller.rows()).get('crew/buyer')?.stable).toBeNull()
    await expectSettled(controller)
  })
})
