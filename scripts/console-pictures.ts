import { mkdir } from 'node:fs/promises'
import { type BrowserContextOptions, chromium } from 'playwright-core'
import { ADMIN, promptFile, startConsole } from '../test/console/console-under-test.ts'

/** Takes the pictures of docs/console.md from the running console. Needs Chromium. */

const TEXT = `You work for the support team of Acme.

Read the message of the customer and decide what to do next:

1. Answer at once if the message is a simple question.
2. Ask for the order number if it is missing.
3. Hand over to a person if the customer is upset.`

const CHAT = `---
model: small
description: Answers where an order is
input:
  schema:
    order: integer, the number of the order
    tone?(enum, how to speak): [warm, brief]
---
{{role "system"}}
You work for the support team of Acme, and speak in a {{tone}} way.
{{history}}
{{role "user"}}
Where is order {{order}}?
`

const DESKTOP = { viewport: { width: 1180, height: 720 } }
const PHONE = { viewport: { width: 390, height: 760 } }

const PICTURES: readonly (readonly [name: string, path: string, options: BrowserContextOptions])[] = [
  ['console-overview', '/console', { ...DESKTOP, colorScheme: 'light' }],
  ['console-prompt', '/console/prompts/triage', { ...DESKTOP, colorScheme: 'dark' }],
  ['console-side-by-side', '/console/prompts/triage?view=split', { ...DESKTOP, colorScheme: 'light' }],
  ['console-messages', '/console/prompts/order?tab=messages', { ...DESKTOP, colorScheme: 'light' }],
  ['console-rollback', '/console/act/rollback/triage', { ...DESKTOP, colorScheme: 'light' }],
  ['console-source', '/console/sources/demo', { ...DESKTOP, colorScheme: 'light' }],
  ['console-audit', '/console/audit', { ...DESKTOP, colorScheme: 'dark' }],
  ['console-phone-light', '/console', { ...PHONE, colorScheme: 'light' }],
  ['console-phone-dark', '/console/prompts/triage', { ...PHONE, colorScheme: 'dark' }],
]

const console_ = await startConsole()
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  await prepare()
  await mkdir('docs/images', { recursive: true })
  for (const [name, path, options] of PICTURES) {
    const page = await browser.newPage(options)
    await page.goto(console_.url + path)
    await page.getByLabel('Token').fill(ADMIN)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    await page.goto(console_.url + path)
    await page.screenshot({ path: `docs/images/${name}.png` })
    await page.close()
  }
} finally {
  await browser.close()
  await console_.close()
}

async function prepare(): Promise<void> {
  const { repository, sync, api } = console_
  const names = [
    'triage',
    'refund/start',
    'refund/check',
    'greeting',
    'handover',
    'summary',
    'faq/shipping',
    'faq/returns',
  ]
  await repository.commit({
    'prompts/order.prompt': CHAT,
    ...Object.fromEntries(
      names.map((name) => [
        `prompts/${name}.md`,
        promptFile(TEXT, `Decides about ${name.replace('/', ' ')}`),
      ]),
    ),
  })
  await repository.tag('v1.0.0')
  await repository.commit({
    'prompts/triage.md': promptFile(TEXT.replace('a simple', 'a short and simple'), 'Decides about triage'),
  })
  await repository.tag('v1.1.0', { annotated: true })
  await sync()
  await repository.commit({
    'prompts/triage.md': promptFile(
      `${TEXT.replace('a simple', 'a short and simple').replace('the order number if it is', 'the order number and the postcode if one of them is')}\n4. Answer in the language of the customer.`,
      'Decides about triage',
    ),
    'prompts/summary.md': promptFile(`${TEXT}\n4. Add a summary.`, 'Decides about summary'),
    'prompts/broken.md': '---\ntemperature: [0.2\n---\nBroken\n',
  })
  await sync()
  await api.hold('refund/start', { reason: 'Legal looks at the wording' })
}
