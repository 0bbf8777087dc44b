import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConsoleUnderTest, promptFile, READER, startConsole, WRITER } from './console-under-test.ts'
import { pagesOf } from './pages.ts'
import { signedInAs } from './visitor.ts'

/** A deployment that serves only releases: readers must not learn about drafts. */

let under: ConsoleUnderTest
let draft = ''
beforeAll(async () => {
  under = await startConsole({ allowedModes: ['staging', 'production'] })
  await under.repository.commit({ 'prompts/sorting.md': 'Sort', 'prompts/hiding.md': 'Hide' })
  await under.repository.tag('v0.9.0')
  await under.repository.commit({
    'prompts/sorting.md': null,
    'prompts/hiding.md': null,
    'prompts/triage.md': promptFile('Sort.'),
  })
  await under.repository.tag('v1.0.0')
  await under.repository.commit({
    'prompts/triage.md': promptFile('Sort for the secret project.'),
    'prompts/hidden.md': 'A prompt without a release.\n',
    '.promptctl.yaml': 'moved: [{ from: sorting, to: triage }, { from: hiding, to: hidden }]\n',
  })
  await under.sync()
  draft = (await under.api.list({ prefix: 'triage' })).prompts[0]?.latest ?? ''
})
afterAll(() => under.close())

async function pagesAs(token: string): Promise<string> {
  const { cookie } = await signedInAs(under.url, token)
  const headers = { cookie }
  const paths = [...pagesOf('triage'), '/console/audit.csv', '/console/audit.json', '/console/prompts/hidden']
  const pages = await Promise.all(
    paths.map(async (path) => await (await fetch(under.url + path, { headers })).text()),
  )
  return pages.join('\n')
}

test('a reader sees no draft on any page: no label, no text, no unreleased prompt', async () => {
  expect(draft).toMatch(/^[0-9a-f]{12}$/)
  const pages = await pagesAs(READER)
  expect(pages).toContain('1.0.0')
  expect(pages).not.toContain(draft)
  expect(pages).not.toContain('secret project')
  expect(pages).not.toContain('draft waits')
  expect(pages).not.toContain('without a release.')
})

test('a moved prompt links to its new id for those who may see that one', async () => {
  const pageOf = async (id: string, token: string) => {
    const { cookie } = await signedInAs(under.url, token)
    const answer = await fetch(`${under.url}/console/prompts/${id}?tab=events`, { headers: { cookie } })
    return (await answer.text()).match(/(?:<dt>Moved to<\/dt><dd>|moved to )<a [^>]*>[^<]*<\/a>/g) ?? []
  }
  const to = (id: string) => `<a href="/console/prompts/${id}">${id}</a>`
  const both = (id: string) => [`<dt>Moved to</dt><dd>${to(id)}`, `moved to ${to(id)}`]
  expect(await pageOf('sorting', READER)).toEqual(both('triage'))
  expect(await pageOf('hiding', READER)).toEqual([])
  expect(await pageOf('hiding', WRITER)).toEqual(both('hidden'))
})

test('a writer sees that a draft waits, and why its text is not shown', async () => {
  const pages = await pagesAs(WRITER)
  expect(pages).toContain(draft)
  expect(pages).toContain('draft waits')
  expect(pages).toContain('is a draft, which mode production does not serve')
})
