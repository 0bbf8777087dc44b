import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADMIN, type ConsoleUnderTest, startConsole } from './console-under-test.ts'
import { sendForm, signedInAs } from './visitor.ts'

/** A registry that refuses releases with changed inputs. */

const SECOND_BUTTON = 'name="allow_breaking_inputs" value="true"'

let under: ConsoleUnderTest
let draft = ''
beforeAll(async () => {
  under = await startConsole({ inputs: 'enforce' })
  const { api } = under
  const pushed = async (...names: readonly string[]) => {
    const variables = Object.fromEntries(names.map((name) => [name, { type: 'string', required: true }]))
    return await api.push({ prompt_id: 'triage', content: `Sort by ${names}.`, variables })
  }
  const first = await pushed('message')
  await api.promote('triage', { version: first.version, alias: '1.0.0' })
  draft = (await pushed('message', 'customer')).version
})
afterAll(() => under.close())

const rowOf = async () => (await under.api.list({ prefix: 'triage' })).prompts[0]

/** Sends the form of an action as the admin. */
async function act(action: string, fields: Readonly<Record<string, string>>) {
  const { cookie, form } = await signedInAs(under.url, ADMIN)
  const revision = String((await rowOf())?.revision)
  const url = `${under.url}/console/act/${action}/triage`
  const answer = await sendForm(url, { form, revision, reason: 'tested', ...fields }, { cookie })
  return { status: answer.status, page: await answer.text() }
}

test('a promotion that breaks callers is refused with the sentence and a second button, which promotes', async () => {
  const fields = { version: draft, release: '1.1.0' }
  const { cookie } = await signedInAs(under.url, ADMIN)
  const before = await fetch(`${under.url}/console/act/promote/triage`, { headers: { cookie } })
  expect(await before.text()).not.toContain(SECOND_BUTTON)

  const refused = await act('promote', fields)
  expect(refused.status).toBe(409)
  expect(refused.page).toContain('breaks callers of 1.0.0')
  expect(refused.page).toContain(SECOND_BUTTON)
  expect(refused.page).toContain('name="release" value="1.1.0"')
  expect((await rowOf())?.stable_release).toBe('1.0.0')

  expect((await act('promote', { ...fields, allow_breaking_inputs: 'true' })).status).toBe(303)
  expect((await rowOf())?.stable_release).toBe('1.1.0')
})

test.for([
  ['rollback', 'hold', 'none'],
  ['revoke', 'scope', 'version'],
] as const)(
  'a refused %s offers no second button, and keeps the choice of the person',
  async ([action, name, value]) => {
    const { status, page } = await act(action, { version: draft, [name]: value, reason: ' ' })
    expect(status).toBe(400)
    expect(page).toContain('The reason is empty')
    expect(page).toContain(`name="${name}" value="${value}" checked`)
    expect(page.match(/ checked/g)).toHaveLength(1)
    expect(page).not.toContain(SECOND_BUTTON)
  },
)
