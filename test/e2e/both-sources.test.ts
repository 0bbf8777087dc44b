import { afterAll, beforeAll, expect, it } from 'vitest'
import { createMemoryCache } from '../../controller/source/github/index.ts'
import { fakeClock, sourceOn, TOKEN } from '../support/github/source.ts'
import { type GitHubStandIn, startGitHub } from '../support/github/start.ts'
import { findingsOf, startJourney, worldOf } from '../support/planned-journey.ts'
import { scratchFolder } from '../support/scratch.ts'

let github: GitHubStandIn
beforeAll(async () => {
  github = await startGitHub({ token: TOKEN, now: fakeClock().now })
})
afterAll(() => github.close())

const LAYOUT = `include: ['**/*.md', '**/*.txt', '**/*.yaml']
prompts:
  "**/skprompt.txt": { sidecar: [config.json] }
  prompts/crew.yaml: { split: true }
`
const FILES = {
  '.promptctl.yaml': LAYOUT,
  'prompts/greet/skprompt.txt': 'Greet {{$guest}}.\n',
  'prompts/greet/config.json': '{ "description": "Greets.", "input_variables": [{ "name": "guest" }] }\n',
  'prompts/crew.yaml': 'scout:\n  role: Finds\nbuyer:\n  role: Compares\n',
  'prompts/tidy/SKILL.md': 'Tidy as references/style says.\n',
  'prompts/tidy/references/style': 'Be brief.\r\n',
  'prompts/tidy/logo.png': Buffer.from([0, 255, 1]),
}

/** None of them is the file of its prompt alone. */
const CHANGES: readonly Readonly<Record<string, string | Buffer | null>>[] = [
  {
    'prompts/greet/config.json': '{ "description": "Welcomes." }\n',
    'prompts/crew.yaml': 'scout:\n  role: Finds\nbuyer:\n  role: Buys\n',
    'prompts/tidy/references/style': 'Be kind.\n',
  },
  { 'prompts/tidy/logo.png': null, 'prompts/tidy/more': 'More.\n' },
]
const CHANGED = [['crew/buyer', 'greet', 'tidy/SKILL'], ['tidy/SKILL']]

it('reads sidecars, split files and skill folders through GitHub as through git', async () => {
  const { controller, repository, another } = await startJourney()
  const byGitHub = another({ folder: await scratchFolder() })
  github.host('acme', 'prompts', repository.path)
  const git = sourceOn(github, fakeClock(), { branch: 'main', cache: createMemoryCache() })
  const sync = async () => {
    const [one, other] = [await controller.sync(), await byGitHub.sync({ git })]
    expect([findingsOf(one), findingsOf(other)]).toEqual([[], []])
    expect(other.counts).toEqual(one.counts)
    expect(await worldOf(byGitHub)).toEqual(await worldOf(controller))
  }
  await repository.commit(FILES)
  await repository.tag('v1.0.0')
  await sync()
  for (const [index, files] of CHANGES.entries()) {
    const before = await byGitHub.rows()
    await repository.commit(files)
    await sync()
    const rows = [...(await byGitHub.rows()).values()]
    const moved = rows.filter(({ prompt_id: id, latest }) => before.get(id)?.latest !== latest)
    expect(moved.map(({ prompt_id: id }) => id).sort()).toEqual(CHANGED[index])
  }
  const ids = [...(await byGitHub.rows()).keys()].sort()
  expect(ids).toEqual(['crew/buyer', 'crew/scout', 'greet', 'tidy/SKILL'])
  for (const id of ids)
    for (const mode of ['production', 'dev']) {
      const query = { mode, include: 'file' }
      const { file, sidecars, files, identity } = await byGitHub.api.resolve(id, query)
      expect(await controller.api.resolve(id, query)).toMatchObject({ file, sidecars, files, identity })
    }
  const style = async (mode: string) =>
    (await byGitHub.api.folderFile('tidy/SKILL', 'references/style', { mode })).text
  expect([await style('production'), await style('dev')]).toEqual(['Be brief.\r\n', 'Be kind.\n'])
})
