import { expect, onTestFinished, test } from 'vitest'
import { startConsole, WRITER } from './console-under-test.ts'
import { signedInAs } from './visitor.ts'

test('the changes of a prompt name the files that differ beside an unchanged prompt file', async () => {
  const under = await startConsole()
  onTestFinished(under.close)
  await under.repository.commit({
    'prompts/tidy/SKILL.md': 'Tidy.\n',
    'prompts/tidy/style.md': 'Be brief.\n',
  })
  await under.repository.tag('v1.0.0')
  await under.sync()
  await under.repository.commit({ 'prompts/tidy/style.md': 'Be kind.\n', 'prompts/tidy/<b>.md': 'New.\n' })
  await under.sync()
  const { cookie } = await signedInAs(under.url, WRITER)
  const latest = (await under.api.list()).prompts[0]?.latest ?? ''
  for (const path of ['/console/prompts/tidy/SKILL', `/console/act/promote/tidy%2FSKILL?version=${latest}`]) {
    const page = await (await fetch(under.url + path, { headers: { cookie } })).text()
    expect(page).toContain('Both versions have the same text.')
    expect(page).toContain('Files: +1 ~1 -0 (+&lt;b&gt;.md, ~style.md)')
  }
})
