import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeInBrowser, newVisit, signIn } from './browser.ts'
import { ADMIN, type ConsoleUnderTest, startConsole } from './console-under-test.ts'
import { pagesOf } from './pages.ts'
import { signedInAs } from './visitor.ts'

/** Text that attacks whoever looks at it, in every field that a repository or a caller can set. */

const SCRIPT = `"'><img src=x onerror="document.title='hit'"><script>document.title='hit'</script></textarea>`
/** Reorders and hides text; needed by no word around it. */
const HIDDEN = 'a\u202eb\u200bc\u2066d\u{e0041}e'
const HOSTILE = `${SCRIPT}${HIDDEN}`

let under: ConsoleUnderTest
beforeAll(async () => {
  under = await startConsole()
  await fillEveryField()
})
afterAll(() => under.close())

async function fillEveryField(): Promise<void> {
  const { api } = under
  const pushed = async (content: string) =>
    await api.push({
      prompt_id: 'triage',
      content: `${content}\n${HOSTILE}`,
      description: HOSTILE,
      tags: [HOSTILE.slice(0, 128)],
      variables: { [HOSTILE]: HOSTILE },
      config: { [HOSTILE]: [HOSTILE] },
      reason: HOSTILE,
      origin: {
        source: 'demo',
        repository: `https://host.example/${HOSTILE}/repo`,
        commit: 'a'.repeat(40),
        path: HOSTILE,
        author: HOSTILE,
        committed_at: SCRIPT.slice(0, 64),
      },
    })
  const release_tag = {
    tag: `v1.0.0-${HOSTILE}`,
    commit: 'b'.repeat(40),
    tagger: HOSTILE,
    signer: HOSTILE,
    tagged_at: SCRIPT.slice(0, 64),
  }
  const first = await pushed('one')
  await api.promote('triage', {
    ...{ version: first.version, alias: '1.0.0', source: 'demo', reason: HOSTILE, release_tag },
  })
  const second = await pushed('two')
  await api.promote('triage', { version: second.version, alias: '1.1.0', source: 'demo', reason: HOSTILE })
  await pushed('three')
  await api.hold('triage', { reason: HOSTILE })
  const unquoted = HOSTILE.replaceAll('"', '')
  await api.push({
    prompt_id: 'chat',
    format: 'dotprompt',
    front_matter: `---\ninput:\n  schema:\n    ${JSON.stringify(`${unquoted}?(enum, ${SCRIPT})`)}: [${JSON.stringify(HOSTILE)}]\n---\n`,
    content: `{{role "${unquoted}"}}\n${HOSTILE}\n{{history}}\n{{role "user"}}\n{{name}}\n`,
  })
  const { lease } = await api.lease('demo', { holder: HOSTILE.slice(0, 256), ttl_seconds: 900 })
  await api.recordSource('demo', {
    expected_revision: 0,
    ...(lease !== null && { lease_token: lease.token }),
    ledger: [{ tag: release_tag.tag, commit: release_tag.commit }],
    findings: {
      // Two that differ only in their subject are shown as one.
      put: [
        ['quarantined', HOSTILE],
        ['quarantined', `${HOSTILE}2`],
        [SCRIPT.slice(0, 64), HOSTILE],
      ].map(([code = '', name = '']) => ({
        code,
        subject: { kind: 'file' as const, name },
        ...{ message: name, cause: HOSTILE, first_seen: SCRIPT.slice(0, 64) },
      })),
    },
    state: {
      conditions: [{ type: HOSTILE, status: 'False', reason: HOSTILE, message: HOSTILE, since: HOSTILE }],
      finding_counts: { [HOSTILE]: 1 },
      watermark: { commit: HOSTILE },
      retry: { attempt: 1, not_before: HOSTILE },
      checked_at: HOSTILE,
      passes: [
        {
          ...{ result: HOSTILE, kind: HOSTILE, started_at: HOSTILE, finished_at: HOSTILE, message: HOSTILE },
          counts: { [HOSTILE]: 1 },
        },
      ],
    },
  })
}

const paths = () => [
  ...pagesOf('triage', `v1.0.0-${HOSTILE}`),
  `/console?q=${encodeURIComponent(HOSTILE)}&owner=${encodeURIComponent(HOSTILE)}&status=${encodeURIComponent(HOSTILE)}`,
  `/console/audit?prompt=${encodeURIComponent(HOSTILE)}&from=${encodeURIComponent(HOSTILE)}`,
  `/console/prompts/${encodeURIComponent(HOSTILE)}`,
  '/console/prompts/chat?tab=messages',
  `/console/prompts/triage?done=revoke&of=${encodeURIComponent(HOSTILE)}`,
  '/console/prompts/triage?done=constructor',
  `/console/prompts/triage?from=${encodeURIComponent(HOSTILE)}&to=1.0.0`,
  `/console/sources/${encodeURIComponent(HOSTILE)}`,
]

describeInBrowser('hostile text', () => {
  test('runs nowhere, becomes no element, and hides nothing', async () => {
    const context = await newVisit()
    const page = await context.newPage()
    const problems: string[] = []
    page.on('console', (message) => {
      if (/Content.Security.Policy|Refused to/.test(message.text())) problems.push(message.text())
    })
    await signIn(page, under.url, ADMIN)
    let marks = 0
    for (const path of paths()) {
      await page.goto(under.url + path)
      const found = await page.evaluate<{ elements: number; title: string; html: string; marks: number }>(`({
        elements: document.querySelectorAll('img[src="x"], script:not([src^="/console/assets/"]), [onerror], a[href^="javascript:"]').length,
        title: document.title,
        html: document.querySelector('main').textContent,
        marks: document.querySelectorAll('.mark').length,
      })`)
      if (found.elements > 0) problems.push(`${path}: ${found.elements} elements`)
      if (found.title === 'hit') problems.push(`${path}: a script ran`)
      if (/[\u202e\u200b\u2066\u{e0041}]/u.test(found.html)) problems.push(`${path}: a hidden character`)
      marks += found.marks
    }
    expect(problems).toEqual([])
    expect(marks).toBeGreaterThan(50)
  })
})

test('a role and an input with markup are shown as they are written', async () => {
  const { cookie } = await signedInAs(under.url, ADMIN)
  const url = `${under.url}/console/prompts/chat?tab=messages`
  const page = await (await fetch(url, { headers: { cookie } })).text()
  expect(page.match(/<h3><bdi>&#39;&gt;&lt;img src=x/g)).toHaveLength(1)
  expect(page.match(/<code><bdi>&#39;&gt;&lt;img src=x/g)).toHaveLength(1)
})

describe('a text that is too large to show', () => {
  const cases = {
    'one line of 250 KB': ['x'.repeat(250_000), `${'x'.repeat(249_990)} changed`],
    '100,000 lines': ['a\n'.repeat(100_000), `${'a\n'.repeat(50_000)}b\n${'a\n'.repeat(50_000)}`],
    'other lines throughout': ['a\n'.repeat(100_000), 'b\n'.repeat(100_000)],
    '80,000 hidden characters': ['\u200b'.repeat(80_000), `${'\u200b'.repeat(80_000)}x`],
  } as const

  for (const [name, [before, after]] of Object.entries(cases))
    test(`of ${name} is bounded on each page, and whole as a download`, async () => {
      const id = `large/${name.replaceAll(/\W+/g, '-')}`
      const { api } = under
      const first = await api.push({ prompt_id: id, content: before })
      await api.promote(id, { version: first.version, alias: '1.0.0' })
      const second = await api.push({ prompt_id: id, content: after })
      const { cookie } = await signedInAs(under.url, ADMIN)
      const read = async (path: string) =>
        await (await fetch(under.url + path, { headers: { cookie } })).text()
      for (const query of ['', '?view=split', '?tab=messages', '?tab=file', '?tab=file&version=1.0.0'])
        expect((await read(`/console/prompts/${id}${query}`)).length, query).toBeLessThan(300_000)
      const all = await read(`/console/prompts/${id}?all=1`)
      expect(all.length).toBeLessThan(6_000_000)
      expect(await read(`/console/raw/${id}?version=${second.version}`)).toBe(after)
    })
})
