import { accessSync, constants } from 'node:fs'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { afterAll, describe, onTestFinished, test } from 'vitest'

/** Debian's Chromium. Playwright's own build cannot be downloaded everywhere. */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
})

let running: Promise<Browser> | undefined

/** A suite in a real browser. Without Chromium it is skipped with the reason, or fails with REQUIRE_ALL. */
export function describeInBrowser(title: string, define: () => void): void {
  if (CHROMIUM !== undefined) {
    describe(title, () => {
      afterAll(async () => {
        await (await running)?.close()
        running = undefined
      })
      define()
    })
    return
  }
  test(title, (context) => {
    const reason = 'Chromium is missing (apt-get install chromium)'
    if (process.env.REQUIRE_ALL === '1') throw new Error(reason)
    context.skip(reason)
  })
}

/** A visit with its own cookies, which ends with the test. */
export async function newVisit(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  running ??= chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] })
  const context = await (await running).newContext(options)
  onTestFinished(() => context.close())
  return context
}

/** Signs in by the form. */
export async function signIn(page: Page, url: string, token: string): Promise<void> {
  await page.goto(`${url}/console`)
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
}
