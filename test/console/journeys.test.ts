import type { Page } from 'playwright-core'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { describeInBrowser, newVisit, signIn } from './browser.ts'
import { ADMIN, type ConsoleUnderTest, promptFile, READER, startConsole } from './console-under-test.ts'
import { byKeyboard, byPointer, wholeJourney } from './whole-journey.ts'

/** Whole journeys in a real browser, on a real registry that follows a real repository. */

let under: ConsoleUnderTest

async function start(refreshMs = 60_000): Promise<void> {
  under = await startConsole({ refreshMs })
  const { close } = under
  onTestFinished(close)
  await under.repository.commit({
    'prompts/triage.md': promptFile('Sort the message of the customer.'),
    'prompts/greeting.md': promptFile('Greet the customer.', 'Greets'),
  })
  await under.repository.tag('v1.0.0')
  await under.repository.commit({
    'prompts/triage.md': promptFile('Sort the first message of the customer.'),
  })
  await under.repository.tag('v1.1.0')
  await under.sync()
  await under.repository.commit({
    'prompts/triage.md': promptFile('Sort the first message of each customer.'),
    'prompts/broken.md': '---\ntemperature: [1\n---\nBroken\n',
  })
  await under.sync()
}

const visitAs = async (token: string, options = {}): Promise<Page> => {
  const page = await (await newVisit(options)).newPage()
  await signIn(page, under.url, token)
  return page
}

const stableOf = async (id: string) => {
  const { prompts } = await under.api.list({ prefix: id })
  return prompts[0]?.stable_release ?? prompts[0]?.stable ?? null
}

/** The events of the journey, oldest first. */
const JOURNEY = ['promoted', 'held', 'rolled_back', 'hold_lifted', 'held']

async function actsOn(id: string): Promise<string[]> {
  const { events } = await under.api.events(id, { limit: 100 })
  return events.flatMap(({ actor, type }) => (actor === 'ada' ? [type] : [])).reverse()
}

describeInBrowser('the console', () => {
  beforeEach(() => start())

  test('leads from the root through sign-in to the overview, and a search is in the URL', async () => {
    const page = await (await newVisit()).newPage()
    await page.goto(under.url)
    expect(page.url()).toBe(`${under.url}/console`)
    await page.getByLabel('Token').fill('a-wrong-token-0123456789')
    await page.getByRole('button', { name: 'Sign in' }).click()
    expect(await page.getByRole('alert').textContent()).toContain('The bearer token is unknown')
    await page.getByLabel('Token').fill(ADMIN)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'triage' }).waitFor()
    expect(await page.getByRole('list', { name: 'Counts' }).innerText()).toMatch(
      /2\s+Prompts\s+1\s+Drafts wait/,
    )

    await page.getByLabel('Search prompts').fill('greets')
    await page.getByRole('button', { name: 'Filter' }).click()
    expect(new URL(page.url()).searchParams.get('q')).toBe('greets')
    expect(await page.locator('tbody tr').count()).toBe(1)
    await page.getByLabel('Search prompts').fill('nothing like this')
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.getByRole('heading', { name: 'No prompt matches' }).waitFor()

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token').waitFor()
    await page.goto(`${under.url}/console/prompts/triage`)
    expect(await page.getByLabel('Token').count()).toBe(1)
  })

  test('shows the diff of stable and latest with the changed words, in both layouts', async () => {
    const page = await visitAs(READER)
    await page.getByRole('link', { name: 'triage', exact: true }).click()
    const diff = page.getByRole('region', { name: 'Changes' })
    expect(await diff.locator('del').allTextContents()).toEqual(['the'])
    expect(await diff.locator('ins').allTextContents()).toEqual(['each'])
    await page.getByRole('link', { name: 'Side by side' }).click()
    expect(await page.locator('table.split ins').allTextContents()).toEqual(['each'])
    expect(await page.locator('.card h2').first().innerText()).toContain('1.1.0')
    expect(await page.getByRole('link', { name: 'Promote draft' }).count()).toBe(0)
  })

  test('promotes a draft after showing what changes, and asks for a reason', async () => {
    const page = await visitAs(ADMIN)
    await page.goto(`${under.url}/console/prompts/triage`)
    await page.getByRole('link', { name: 'Promote draft' }).click()
    expect(await page.locator('.diff ins').allTextContents()).toEqual(['each'])
    await page.getByLabel('Release (optional').fill('1.2.0')
    await page.getByRole('button', { name: 'Promote' }).click()
    expect(await stableOf('triage')).toBe('1.1.0')
    await page.getByLabel('Reason').fill('tested with 40 messages')
    await page.getByRole('button', { name: 'Promote' }).click()
    await page.getByText(/^1\.2\.0 [0-9a-f]{12} is stable now\.$/).waitFor()
    expect(await stableOf('triage')).toBe('1.2.0')
    const { events } = await under.api.events('triage', { limit: 10 })
    expect(events.find(({ type }) => type === 'promoted')).toMatchObject({
      actor: 'ada',
      reason: 'tested with 40 messages',
    })
  })

  test('rolls back, and lifts the hold that follows', async () => {
    const page = await visitAs(ADMIN)
    await page.goto(`${under.url}/console/prompts/triage`)
    await page.getByRole('link', { name: 'Roll back' }).click()
    await page.getByLabel('Wait until somebody lifts the hold').check()
    await page.getByLabel('Reason').fill('too chatty')
    await page.getByRole('button', { name: 'Roll back' }).click()
    await page.getByText(/^1\.0\.0 [0-9a-f]{12} is stable again\.$/).waitFor()
    expect(await stableOf('triage')).toBe('1.0.0')
    await page.getByRole('link', { name: 'Lift hold' }).click()
    await page.getByLabel('Reason').fill('it is fine')
    await page.getByRole('button', { name: 'Lift hold' }).click()
    await page.getByText('The hold is lifted.').waitFor()
    expect((await under.api.list({ prefix: 'triage' })).prompts[0]?.hold).toBeNull()
  })

  test('revokes a version, and shows before what becomes stable', async () => {
    const page = await visitAs(ADMIN)
    await page.goto(`${under.url}/console/prompts/triage`)
    await page.getByRole('link', { name: 'Revoke' }).click()
    await page.getByText('Stable afterwards: 1.0.0').waitFor()
    await page.getByLabel('Reason').fill('leaks a name')
    await page.getByRole('button', { name: 'Revoke for good' }).click()
    await page.getByText(/^1\.1\.0 [0-9a-f]{12} is revoked\.$/).waitFor()
    expect(await stableOf('triage')).toBe('1.0.0')
  })

  test('refuses an action on a prompt that changed meanwhile, and shows the current state', async () => {
    const page = await visitAs(ADMIN)
    await page.goto(`${under.url}/console/act/rollback/triage`)
    await under.api.hold('triage', { reason: 'in between' })
    await page.getByLabel('Reason').fill('too chatty')
    await page.getByRole('button', { name: 'Roll back' }).click()
    expect(await page.getByRole('alert').textContent()).toContain('Somebody changed this prompt meanwhile')
    expect(await page.getByLabel('Reason').inputValue()).toBe('too chatty')
    expect(await stableOf('triage')).toBe('1.1.0')
  })

  test('shows a quarantined file with its line, the next release and the last passes of a source', async () => {
    const page = await visitAs(ADMIN)
    await page.getByRole('link', { name: 'Sources', exact: true }).click()
    await page.getByRole('link', { name: 'demo' }).click()
    const problem = page.locator('.finding', { hasText: 'prompts/broken.md' })
    expect(await problem.innerText()).toMatch(/Line 2: .*bracket/)
    await page.getByRole('heading', { name: 'The next release would change' }).waitFor()
    expect(await page.getByRole('img', { name: /The last 2 passes/ }).count()).toBe(1)
    await page.getByRole('button', { name: 'Look again now' }).click()
    await page.getByText('The controller looks at the repository now.').waitFor()
    expect(under.asked).toEqual(['demo'])
    await page.getByRole('link', { name: 'v1.1.0' }).click()
    await page.getByText('1 changed or new, 1 unchanged').waitFor()
    await page.getByRole('link', { name: 'Changes of triage' }).click()
    expect(await page.locator('.diff ins').allTextContents()).toEqual(['first '])
  })

  test('shows what served when, with who asked for it, and offers it as CSV and JSON', async () => {
    await under.api.rollback('triage', { reason: 'too chatty' })
    const page = await visitAs(READER)
    await page.goto(`${under.url}/console/audit`)
    await page.getByRole('link', { name: 'Releases' }).click()
    expect(page.url()).toBe(`${under.url}/console/audit/releases`)
    const rows = await page.getByRole('row').allInnerTexts()
    expect(rows.filter((row) => row.includes('triage'))).toHaveLength(2)
    expect(rows[1]).toMatch(/triage[\s\S]+1\.0\.0[\s\S]+serves[\s\S]+rolled back[\s\S]+too chatty/)
    await page.getByLabel('Prompt').fill('greet')
    await page.getByRole('button', { name: 'Filter' }).click()
    expect(await page.getByRole('row').count()).toBe(2)
    const csv = await page.request.get(`${under.url}/console/audit/releases.csv?prompt=greet`)
    expect((await csv.text()).split('\r\n')).toHaveLength(3)
    const json = await page.request.get(`${under.url}/console/audit/releases.json?until=2000-01-01`)
    expect(await json.json()).toEqual({ rows: [], complete: true })
  })

  test('filters the audit, and offers it as CSV and JSON', async () => {
    const page = await visitAs(READER)
    await under.api.hold('greeting', { reason: '=1+1' })
    await page.goto(`${under.url}/console/audit?type=held`)
    expect(await page.locator('tbody tr').count()).toBe(1)
    const csv = await page.request.get(`${under.url}/console/audit.csv?type=held`)
    expect(await csv.text()).toMatch(/^at,prompt_id,.*\r\n\S+,greeting,held,tester,'=1\+1,/)
    const json = await page.request.get(`${under.url}/console/audit.json?type=held&prompt=greet`)
    expect(await json.json()).toMatchObject({ complete: true, events: [{ type: 'held', actor: 'tester' }] })
  })

  test('works without JavaScript', async () => {
    const page = await (await newVisit({ javaScriptEnabled: false })).newPage()
    await page.goto(`${under.url}/console`)
    await wholeJourney(byPointer(page), ADMIN)
    expect(await actsOn('triage')).toEqual(JOURNEY)
  })

  test('works by keyboard alone', async () => {
    const page = await (await newVisit()).newPage()
    await page.goto(`${under.url}/console`)
    await wholeJourney(byKeyboard(page), ADMIN)
    expect(await actsOn('triage')).toEqual(JOURNEY)
  })

  test('has a link to skip to the content, and a key that leads to the search', async () => {
    const page = await visitAs(READER)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content')
    await page.keyboard.press('/')
    expect(await page.evaluate('document.activeElement.id')).toBe('search')
  })
})

describeInBrowser('a second tab', () => {
  beforeEach(() => start(100))

  test('sees a change by itself', async () => {
    const page = await visitAs(READER)
    await page.goto(`${under.url}/console/prompts/greeting`)
    await page.getByText('released', { exact: true }).first().waitFor()
    const first = await visitAs(ADMIN)
    await first.goto(`${under.url}/console/prompts/greeting`)
    await first.getByRole('link', { name: 'Hold' }).click()
    await first.getByLabel('Reason').fill('legal asks')
    await first.getByRole('button', { name: 'Hold releases' }).click()
    await page.getByText('legal asks').waitFor()
    expect(await page.locator('h1').textContent()).toBe('greeting')
  })

  test('keeps what somebody typed, and continues when the field is empty again', async () => {
    const page = await (await newVisit()).newPage()
    await page.clock.install()
    await signIn(page, under.url, READER)
    const search = page.getByLabel('Search prompts')
    const row = page.getByRole('row', { name: 'greeting' })
    await search.fill('half a word')
    await search.blur()
    await under.api.hold('greeting', { reason: 'legal asks' })
    await page.clock.runFor(1000)
    expect(await search.inputValue()).toBe('half a word')
    expect(await row.innerText()).not.toContain('frozen')
    await search.fill('')
    await search.blur()
    for (let polls = 0; polls < 50 && !(await row.innerText()).includes('frozen'); polls++)
      await page.clock.runFor(100)
    expect(await row.innerText()).toContain('frozen')
  })
})
