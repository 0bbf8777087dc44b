import type { Page } from 'playwright-core'

/** How a person acts on a page: by pointer or by keyboard. */
export interface Person {
  readonly page: Page
  follow(link: string): Promise<void>
  fill(field: string, text: string): Promise<void>
  press(button: string): Promise<void>
}

/** Everything that a person does in the console, from signing in to a quarantined file. */
export async function wholeJourney(person: Person, token: string): Promise<void> {
  const { page, follow, fill, press } = person
  const shows = async (text: RegExp) => await page.getByText(text).first().waitFor()
  const confirm = async (button: string) => {
    await fill('Reason', `because of ${button}`)
    await press(button)
  }
  await fill('Token', token)
  await press('Sign in')
  await page.waitForURL(/\/console$/)
  await shows(/^Drafts wait$/)

  await fill('Search prompts', 'triage')
  await press('Filter')
  await page.waitForURL(/q=triage/)
  await follow('triage')
  await page.locator('.diff ins', { hasText: 'each' }).waitFor()
  await follow('Side by side')
  await page.locator('table.split ins', { hasText: 'each' }).waitFor()

  await follow('Promote draft')
  await confirm('Promote')
  await shows(/is stable now\.$/)
  await follow('Roll back')
  await confirm('Roll back')
  await shows(/is stable again\.$/)
  await follow('Lift hold')
  await confirm('Lift hold')
  await shows(/^The hold is lifted\.$/)
  await follow('Hold')
  await confirm('Hold releases')
  await shows(/^The prompt is frozen\./)

  await follow('Sources')
  await follow('demo')
  await shows(/^Line 2: .*bracket/)
}

/** With a mouse or a finger. */
export function byPointer(page: Page): Person {
  return {
    page,
    follow: (name) => page.getByRole('link', { name, exact: true }).first().click(),
    fill: (name, text) => page.getByLabel(name, { exact: true }).fill(text),
    press: (name) => page.getByRole('button', { name, exact: true }).click(),
  }
}

/** The label of the focused element, as a script of the page. */
const FOCUSED = `(() => {
  const active = document.activeElement
  const label = active.id && document.querySelector('label[for="' + active.id + '"]')
  const kind = active.tagName === 'A' ? 'link ' : active.tagName === 'BUTTON' ? 'button ' : 'field '
  return kind + ((label || active).textContent.trim() || active.getAttribute('aria-label') || '')
})()`
const MOST_TABS = 60

/** With Tab, Enter and letters alone. */
export function byKeyboard(page: Page): Person {
  const focus = async (wanted: string) => {
    for (let tabs = 0; tabs < MOST_TABS; tabs++) {
      if ((await page.evaluate<string>(FOCUSED)) === wanted) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`No Tab leads to the ${wanted}`)
  }
  const activate = async (wanted: string) => {
    await focus(wanted)
    const loaded = page.waitForEvent('load')
    await page.keyboard.press('Enter')
    await loaded
  }
  return {
    page,
    follow: (name) => activate(`link ${name}`),
    async fill(name, text) {
      await focus(`field ${name}`)
      await page.keyboard.type(text)
    },
    press: (name) => activate(`button ${name}`),
  }
}
