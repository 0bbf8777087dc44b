import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADMIN, type ConsoleUnderTest, startConsole } from './console-under-test.ts'
import { signedInAs } from './visitor.ts'

/** The view of what a model gets, for the ways in which files have messages. */

const CHAT = `---
model: small
input:
  schema:
    order: integer, the number of the order
    tone?(enum, how to speak): [warm, brief]
---
{{role "system"}}
You speak in a {{tone}} way.
{{history}}
{{role "user"}}
Where is order {{order}} of {{customer}}?
`

let under: ConsoleUnderTest
let cookie = ''
beforeAll(async () => {
  under = await startConsole()
  await under.repository.commit({
    'prompts/chat.prompt': CHAT,
    'prompts/broken.prompt': '{{#if a}}{{role "user"}}Hello{{/if}}\n',
    'prompts/single.md': 'Sort the message.\n',
  })
  await under.repository.tag('v1.0.0')
  await under.repository.commit({ 'prompts/chat.prompt': CHAT.replace('Where', 'When and where') })
  await under.sync()
  cookie = (await signedInAs(under.url, ADMIN)).cookie
})
afterAll(() => under.close())

/** The words of the page without its tags. */
async function shown(path: string): Promise<string> {
  const page = await (await fetch(under.url + path, { headers: { cookie } })).text()
  return page
    .slice(page.indexOf('<main'))
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
}

test('shows each message with its role, and each input with its type', async () => {
  const page = await shown('/console/prompts/chat?tab=messages')
  expect(page).toMatch(
    /system .*You speak in a {{tone}} way\. .*history The earlier messages .*user .*Where is/,
  )
  expect(page).toMatch(/order the number of the order integer required any/)
  expect(page).toMatch(/tone .*optional one of warm, brief/)
  expect(page).toMatch(/customer undeclared/)
})

test('shows the stable version first, and the draft on demand', async () => {
  const path = '/console/prompts/chat?tab=messages'
  expect(await shown(path)).not.toContain('When and where')
  const page = await (await fetch(under.url + path, { headers: { cookie } })).text()
  const [, query = ''] = /href="[^"]*(\?tab=messages[^"]*)">Draft</.exec(page) ?? []
  expect(await shown(`/console/prompts/chat${query.replaceAll('&amp;', '&')}`)).toContain('When and where')
})

test('shows why a file could not be read, beside its text', async () => {
  const page = await shown('/console/prompts/broken?tab=messages')
  expect(page).toContain('The file was not read to its end.')
  expect(page).toContain('A role begins inside a block. Begin messages outside of blocks.')
  expect(page).toContain('Hello')
})

test('shows a single text without roles', async () => {
  const page = await shown('/console/prompts/single?tab=messages')
  expect(page).toContain('One text without roles.')
  expect(page).toContain('Sort the message.')
  expect(page).toContain('None: agents pass no values.')
})

test('shows a bounded part of many messages, and more on demand', async () => {
  const content = '{{role "user"}}\na\nb\nc\n{{role "model"}}\nd\n'.repeat(2000)
  await under.api.push({
    prompt_id: 'long',
    content,
    front_matter: '---\nmodel: m\n---\n',
    format: 'dotprompt',
  })
  const read = async (query: string) =>
    await (
      await fetch(`${under.url}/console/prompts/long?tab=messages${query}`, { headers: { cookie } })
    ).text()
  const brief = await read('')
  expect(brief.match(/<h3>/g)).toHaveLength(50)
  expect(brief).toContain('3950 more messages.')
  expect((await read('&all=1')).match(/<h3>/g)).toHaveLength(500)
})
