import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { propose } from '../report/reported-cli.ts'
import { configure, makeCli, words } from './cli-under-test.ts'

const LAYOUT = 'prompts: { "**/skprompt.txt": { sidecar: [config.json] } }\n'
const FILES = {
  '.promptctl.yaml': LAYOUT,
  'prompts/greet/skprompt.txt': 'Greet.\n',
  'prompts/greet/config.json': '{ "description": "Greets." }\n',
  'prompts/tidy/SKILL.md': 'Tidy.\n',
  'prompts/tidy/style.md': 'Be brief.\n',
  'prompts/tidy/old.md': 'Old.\n',
}
const CHANGES = {
  'prompts/greet/config.json': '{ "description": "Welcomes." }\n',
  'prompts/tidy/style.md': 'Be kind.\n',
  'prompts/tidy/old.md': null,
  'prompts/tidy/new.md': 'New.\n',
}
const GREET = 'Files: +0 ~1 -0 (~config.json)'
const TIDY = 'Files: +1 ~1 -1 (+new.md, ~style.md, -old.md)'

test('plan, plan --pull-request and diff name the files that changed beside an unchanged prompt file', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await configure(cli.folder, ['{ name: demo, repository: ./repo }'])
  await repository.commit(FILES)
  await repository.tag('v1.0.0')
  expect(await cli.run(words('sync'))).toMatchObject({ code: 0 })

  const put = async (number: number, commit: string) => {
    await repository.git('update-ref', `refs/merge-requests/${number}/head`, commit)
  }
  await propose({ repository, propose: put }, 12, CHANGES)
  const proposed = await cli.run(words('plan demo --pull-request 12'))
  expect(proposed.out).toMatch(/^ {2}changed {2}greet {2}.*\n {4}Files: \+0 ~1 -0 \(~config\.json\)\.\n/m)
  expect(proposed.out).toContain(`    ${TIDY}.\n`)

  await repository.commit(CHANGES)
  const planned = await cli.run(words('plan'))
  expect(planned.out).toMatch(/^ {2}push {5}greet@.*\n {6}Files: \+0 ~1 -0 \(~config\.json\)\.\n/m)
  expect(planned.out).toContain(`      ${TIDY}.\n`)
  const { json } = await cli.run(words('plan -o json'))
  const { plans } = json() as { plans: { changes: { note: { files: unknown } }[] }[] }
  expect(plans[0]?.changes.map(({ note }) => note.files)).toEqual([
    { added: [], changed: ['config.json'], removed: [] },
    { added: ['new.md'], changed: ['style.md'], removed: ['old.md'] },
  ])

  await cli.run(words('sync'))
  expect((await cli.run(words('diff greet'))).out).toBe(`${GREET}\n`)
  expect((await cli.run(words('diff tidy/SKILL'))).out).toBe(`${TIDY}\n`)
  await repository.tag('v1.1.0')
  expect((await cli.run(words('plan'))).out).toContain(`      ${TIDY}.\n`)
})
