import { describe, expect, it } from 'vitest'
import { parseState } from '../../controller/state/source-state.ts'
import { expectSettled, findingsOf, type Journey, served, startJourney } from '../support/planned-journey.ts'

const FILE = '.promptctl.yaml'
const A = 'prompts/a.txt'

async function stateOf({ controller }: Pick<Journey, 'controller'>) {
  const state = parseState((await controller.api.source('demo')).state)
  if (state === null) throw new Error('there is no state')
  return state
}

async function ids({ controller }: Pick<Journey, 'controller'>): Promise<string[]> {
  return [...(await controller.rows()).values()].filter((row) => !row.archived).map((row) => row.prompt_id)
}

describe('the layout that a repository gives itself', () => {
  it('is in force from the commit that brings it, and a change of it compares everything', async () => {
    const journey = await startJourney({ idPrefix: 'team/' })
    const { controller, repository } = journey
    await repository.commit({
      [A]: 'one',
      'src/x.prompt': 'x',
      'src/draft.prompt': 'draft',
      [FILE]: 'directories: [src]\ninclude: ["**/*.prompt"]\nexclude: ["draft*"]\n',
    })
    expect(await controller.sync()).toMatchObject({ result: 'synced', findings: [] })
    expect(await ids(journey)).toEqual(['team/x'])
    await expectSettled(controller)

    const commit = await repository.commit({ [FILE]: 'directories: [src, prompts]\ninclude: ["**/*"]\n' })
    expect(await controller.sync()).toMatchObject({ kind: 'full', counts: { pushed: 2 } })
    expect(await ids(journey)).toEqual(['team/a', 'team/draft', 'team/x'])
    expect((await stateOf(journey)).layout).toMatchObject({ commit })
    await expectSettled(controller)

    await repository.commit({ [FILE]: null })
    expect(await controller.sync()).toMatchObject({ kind: 'full', counts: { archived: 2 } })
    expect(await ids(journey)).toEqual(['team/a'])
    expect((await stateOf(journey)).layout).toBeNull()
    await expectSettled(controller)
  })

  it('that speaks of a prompt that there is not is told so, until there is one', async () => {
    const { controller, repository } = await startJourney({ idPrefix: 'team/' })
    const words = ['a', 'team/b', 'prompts/c.txt', 'misspelt'].map((name) => `  ${name}: { tags: [t] }\n`)
    await repository.commit({ [A]: 'one', 'prompts/b.txt': 'two', [FILE]: `prompts:\n${words.join('')}` })
    const report = await controller.sync()
    expect(report.result).toBe('synced')
    expect(findingsOf(report)).toEqual(['unknown_name misspelt', 'unknown_name prompts/c.txt'])
    await expectSettled(controller)
    await repository.commit({ 'prompts/c.txt': 'three' })
    expect(findingsOf(await controller.sync())).toEqual(['unknown_name misspelt'])
  })

  it('that stays the same makes no pass a full one', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [A]: 'one', [FILE]: 'directories: [prompts]\n' })
    await controller.sync()
    await repository.commit({ [A]: 'two' })
    expect(await controller.sync()).toMatchObject({ kind: 'changes', counts: { pushed: 1 } })
  })

  it.each([
    ["a key that is the platform's", 'releases: ["{version}"]\n', '"releases"'],
    ['a key that grants reach', 'requireReachable: false\n', '"requireReachable"'],
    ['a directory outside', 'directories: ["../secrets"]\n', '"../secrets"'],
    ['broken YAML', 'directories: [\n', 'not valid YAML'],
    ['no mapping', '- prompts\n', 'the document'],
    ['another encoding', Buffer.from('# caf\xe9\n', 'latin1'), 'UTF-8'],
    ['too many bytes', `# ${'x'.repeat(70_000)}`, '70002 bytes'],
    ['a link', { symlink: 'elsewhere.yaml' }, 'Commit the file itself'],
    [
      'an endless description',
      `prompts: { a: { description: ${'x'.repeat(3000)} } }`,
      'prompts.a.description',
    ],
  ])('with %s is told, and the last good one stays in force', async (_what, wrong, told) => {
    const journey = await startJourney()
    const { controller, repository } = journey
    await repository.commit({ 'src/x.txt': 'x', [FILE]: 'directories: [src]\n' })
    await controller.sync()
    await repository.commit({ 'src/x.txt': 'y', [A]: 'one', [FILE]: wrong })
    const report = await controller.sync()
    expect(report).toMatchObject({ result: 'synced', kind: 'changes', counts: { pushed: 1 } })
    expect(findingsOf(report)).toEqual([`layout_invalid ${FILE}`])
    expect(report.findings[0]?.message).toContain(told)
    expect(report.findings[0]?.message).toMatch(/The layout at [0-9a-f]{12} stays in force\.$/)
    expect(await served(controller, 'x', 'dev')).toBe('y')
    expect(await ids(journey)).toEqual(['x'])
    const ready = (await stateOf(journey)).conditions.find(({ type }) => type === 'Ready')
    expect(ready).toMatchObject({ status: 'False', reason: 'LayoutInvalid' })
    await expectSettled(controller)

    await repository.commit({ [FILE]: 'directories: [src, prompts]\n' })
    expect(await controller.sync()).toMatchObject({ kind: 'full', findings: [] })
    expect(await ids(journey)).toEqual(['a', 'x'])
  })

  it("that was never right leaves the platform's in force", async () => {
    const journey = await startJourney()
    const { controller, repository } = journey
    await repository.commit({ [A]: 'one', [FILE]: 'branch: other\n' })
    const report = await controller.sync()
    expect(report.findings[0]?.message).toContain("The platform's layout is in force.")
    expect(await ids(journey)).toEqual(['a'])
    await expectSettled(controller)
  })

  it("is read from the tracked branch for drafts, and from a tag's own commit for its release", async () => {
    const journey = await startJourney({ requireReachable: false })
    const { controller, repository } = journey
    const base = await repository.commit({ [A]: 'one', 'src/x.txt': 'old x' })
    await repository.tag('v1.0.0')
    await repository.commit({ 'src/x.txt': 'side x', [FILE]: 'directories: [elsewhere]\n' })
    await repository.tag('v1.1.0')
    await repository.moveBranch(base)
    await repository.commit({ [FILE]: 'directories: [src]\n' })
    await controller.sync()
    expect(await ids(journey)).toEqual(['x'])
    expect(await served(controller, 'x', 'dev')).toBe('old x')
    expect(await served(controller, 'x')).toBe('not_released')
    expect(await served(controller, 'a')).toBe('one')
    await expectSettled(controller)
  })

  it('says what prompts are, where their files do not, and may turn front matter off', async () => {
    const { controller, repository } = await startJourney({ idPrefix: 'team/' })
    const matter = '---\ndescription: its own\n---\ntext'
    const layout = `prompts:
  a: { description: by id, tags: [x] }
  team/b: { description: by whole id }
  prompts/c.txt: { description: by path }
  own: { description: never seen, tags: [y] }
`
    await repository.commit({
      [A]: 'a',
      'prompts/b.txt': 'b',
      'prompts/c.txt': 'c',
      'prompts/own.txt': matter,
      [FILE]: layout,
    })
    await repository.tag('v1.0.0')
    await controller.sync()
    const about = async (id: string) => {
      const { description, tags } = await controller.api.resolve(`team/${id}`)
      return `${description} [${tags}]`
    }
    expect(await Promise.all(['a', 'b', 'c', 'own'].map(about))).toEqual([
      'by id [x]',
      'by whole id []',
      'by path []',
      'its own [y]',
    ])
    await expectSettled(controller)

    await repository.commit({ [FILE]: 'frontMatter: false\n' })
    await controller.sync()
    expect(await served(controller, 'team/own', 'dev')).toBe(matter)
    expect(await served(controller, 'team/own')).toBe('text')
    await expectSettled(controller)
  })

  it('is not looked at where the platform does not want it', async () => {
    const journey = await startJourney({ repositoryLayout: false })
    await journey.repository.commit({ [A]: 'one', [FILE]: 'directories: [\n' })
    expect(await journey.controller.sync()).toMatchObject({ result: 'synced', findings: [] })
    expect(await ids(journey)).toEqual(['a'])
  })

  it("that cannot be read any more gives way to the platform's, with everything compared", async () => {
    const journey = await startJourney()
    const { controller, repository, another } = journey
    await repository.commit({ [A]: 'one', 'src/x.txt': 'x' })
    const base = await repository.git('rev-parse', 'HEAD')
    await repository.commit({ [FILE]: 'directories: [src]\n' })
    await controller.sync()
    // The commit with the good one is rewritten away, and another cache never saw it.
    await repository.moveBranch(base)
    await repository.commit({ [FILE]: 'directories: [\n' })
    await repository.git('reflog', 'expire', '--expire=now', '--all')
    await repository.git('gc', '--quiet', '--prune=now')
    const elsewhere = another({ cache: 'fresh' })
    const report = await elsewhere.sync()
    expect(report).toMatchObject({ result: 'synced', kind: 'full' })
    expect(report.findings[0]?.message).toContain("The platform's layout is in force.")
    expect(await ids(journey)).toEqual(['a'])
    await expectSettled(elsewhere)
  })
})
