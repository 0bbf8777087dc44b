import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADMIN, type ConsoleUnderTest, promptFile, startConsole } from './console-under-test.ts'
import { signedInAs } from './visitor.ts'

let under: ConsoleUnderTest
let cookie = ''
beforeAll(async () => {
  under = await startConsole()
  await under.repository.commit({ 'prompts/triage.md': promptFile('Sort.') })
  await under.repository.tag('v1.0.0')
  await under.sync()
  cookie = (await signedInAs(under.url, ADMIN)).cookie
})
afterAll(() => under.close())

async function read(path: string): Promise<string> {
  return await (await fetch(under.url + path, { headers: { cookie } })).text()
}

test('a prompt shows how an agent gets it, and what the agent needs', async () => {
  const page = await read('/console/prompts/triage')
  expect(page).toContain('<summary>Use this prompt in an agent</summary>')
  expect(page).toContain('$PROMPT_REGISTRY_URL/prompts/triage')
  for (const needs of ['the package @prompt-registry/client', 'the file prompt_registry.py', 'nothing'])
    expect(page).toContain(`Needs ${needs}`)
})

test('the overview shows how old the release of each prompt is', async () => {
  const { released_at } = await under.api.resolve('triage')
  await under.api.push({ prompt_id: 'draft', content: 'Not released.' })
  const page = await read('/console')
  expect(page.match(/released <time datetime="([^"]+)"/g)).toEqual([
    `released <time datetime="${released_at}"`,
  ])
})
