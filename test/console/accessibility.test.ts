import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { describeInBrowser, newVisit, signIn } from './browser.ts'
import { ADMIN, type ConsoleUnderTest, promptFile, startConsole } from './console-under-test.ts'
import { pagesOf } from './pages.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

describeInBrowser('each page', () => {
  let under: ConsoleUnderTest
  beforeAll(async () => {
    under = await startConsole()
    await under.repository.commit({ 'prompts/triage.md': promptFile('Sort.') })
    await under.repository.tag('v1.0.0')
    await under.repository.commit({
      'prompts/triage.md': promptFile('Sort\u200bit.'),
      'prompts/broken.md': '---\na: [1\n---\n',
      'prompts/new.md': 'New.\n',
    })
    await under.sync()
    await under.api.hold('triage', { reason: 'waits' })
  })
  afterAll(() => under.close())

  for (const [device, width] of [
    ['desktop', 1280],
    ['phone', 360],
  ] as const)
    test(`has no violation that axe finds, light and dark on a ${device}`, async () => {
      const page = await (await newVisit(visitOf(width))).newPage()
      const problems: string[] = []
      await page.goto(`${under.url}/console`)
      problems.push(...(await problemsOf(page, 'sign-in')))
      await signIn(page, under.url, ADMIN)
      for (const path of pagesOf('triage')) {
        await page.goto(under.url + path)
        problems.push(...(await problemsOf(page, path)))
      }
      expect(problems).toEqual([])
    }, 300_000)
})

describeInBrowser('each page of an empty registry', () => {
  test('has no violation that axe finds, light and dark', async () => {
    const empty = await startConsole({ tokens: false })
    onTestFinished(empty.close)
    const page = await (await newVisit(visitOf(360))).newPage()
    for (const path of ['/console', '/console/sources', '/console/audit']) {
      await page.goto(empty.url + path)
      expect(await problemsOf(page, path)).toEqual([])
    }
  })
})

/** Without motion: half of a transition from light to dark has another contrast. */
function visitOf(width: number) {
  return { viewport: { width, height: 800 }, reducedMotion: 'reduce' } as const
}

async function problemsOf(page: Page, path: string): Promise<string[]> {
  // The policy of the page forbids a script tag, and evaluating is not one.
  await page.evaluate(AXE)
  await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true')
  const wide = await page.evaluate<number>(TOO_WIDE)
  const problems = wide > 0 ? [`${wide} pixels too wide`] : []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    problems.push(...(await page.evaluate<string[]>(RUN_AXE)).map((one) => `${colorScheme}: ${one}`))
  }
  return problems.map((one) => `${path}: ${one}`)
}

/** Of the page, or of a diff, whose second side would be out of sight. */
const TOO_WIDE = `Math.max(document.documentElement.scrollWidth - innerWidth,
  ...[...document.querySelectorAll('.diff')].map((one) => one.scrollWidth - one.clientWidth))`

const RUN_AXE = `axe.run().then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary).slice(0, 3).join('; ')))`
