import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADMIN, type ConsoleUnderTest, startConsole } from './console-under-test.ts'
import { signedInAs } from './visitor.ts'

const COMMIT = 'c0ffee'.padEnd(40, '1')
const PAGE_OF_COMMIT = `https://github.com/acme/prompts/commit/${COMMIT}`

let under: ConsoleUnderTest
let cookie = ''
beforeAll(async () => {
  under = await startConsole()
  const { api } = under
  const repository = 'git@github.com:acme/prompts.git'
  const { lease } = await api.lease('hosted', { holder: 'test', ttl_seconds: 900 })
  const lease_token = lease?.token ?? 0
  const { version } = await api.push({
    ...{ prompt_id: 'triage', content: 'Sort.', lease_token },
    origin: { source: 'hosted', repository, commit: COMMIT },
  })
  const release_tag = { tag: 'v1.0.0', commit: COMMIT }
  await api.promote('triage', { version, alias: '1.0.0', source: 'hosted', lease_token, release_tag })
  await api.recordSource('hosted', {
    ...{ expected_revision: 0, lease_token, ledger: [release_tag] },
    state: { watermark: { commit: COMMIT }, checked_at: '2026-01-31T12:00:00Z' },
  })
  cookie = (await signedInAs(under.url, ADMIN)).cookie
})
afterAll(() => under.close())

async function read(path: string): Promise<string> {
  return await (await fetch(under.url + path, { headers: { cookie } })).text()
}

async function linksOf(path: string): Promise<string[]> {
  const links = (await read(path)).matchAll(/href="(https:[^"]+)"[^>]*>(?:<[^>]*>)*([^<]+)/g)
  return Array.from(links, ([, href, text]) => `${text} ${href}`)
}

test('a source links its commit, its tags and the reports of others to the host', async () => {
  expect(await linksOf('/console/sources/hosted')).toEqual([
    `${COMMIT.slice(0, 12)} ${PAGE_OF_COMMIT}`,
    `Statuses of the commit on its host ${PAGE_OF_COMMIT}`,
    `${COMMIT.slice(0, 12)} ${PAGE_OF_COMMIT}`,
  ])
})

test('a source shows the address of its repository, and no path of the controller', async () => {
  expect(await read('/console/sources/hosted')).toContain('git@github.com:acme/prompts.git')
  await under.repository.commit({ 'prompts/local.md': 'Local.\n' })
  await under.sync()
  expect(await read('/console/sources/demo')).toContain('<h1>demo</h1>')
  expect(await read('/console/sources/demo')).not.toContain(under.repository.path)
})

test('a release and the timeline of a prompt link their commits', async () => {
  const link = [`${COMMIT.slice(0, 12)} ${PAGE_OF_COMMIT}`]
  expect(await linksOf('/console/sources/hosted/release?tag=v1.0.0')).toEqual(link)
  expect((await linksOf('/console/prompts/triage?tab=versions')).slice(-1)).toEqual(link)
})

test('a source lists the prompts that do not serve their highest release, and why', async () => {
  const { api, repository, sync } = under
  const heading = 'Not the highest release'
  await repository.commit({ 'prompts/greeting.md': 'one\n', 'prompts/other.md': 'one\n' })
  await repository.tag('v1.0.0')
  await sync()
  await repository.commit({ 'prompts/greeting.md': 'two\n', 'prompts/other.md': 'two\n' })
  await repository.tag('v1.1.0')
  await sync()
  expect(await read('/console/sources/demo')).not.toContain(heading)
  await api.rollback('greeting', {})
  const [, card = ''] = (await read('/console/sources/demo')).split(heading)
  const [rows = ''] = card.split('</section>')
  expect(rows).toContain('greeting')
  expect(rows).toMatch(/1\.0\.0.*1\.1\.0.*rolled back/s)
  expect(rows).not.toContain('other')
})

test('findings that differ only in their tag are one, with the other tags to unfold', async () => {
  const { lease } = await under.api.lease('many', { holder: 'test', ttl_seconds: 900 })
  const put = ['v1.0.0', 'v1.1.0', 'v1.2.0', 'v2.0.0'].map((name) => ({
    ...{ code: 'tag_incomplete', subject: { kind: 'tag' as const, name } },
    message: `Tag ${name} does not release the file ${name === 'v2.0.0' ? 'b' : 'a'}.md: It is empty.`,
    first_seen: '2026-01-31T12:00:00Z',
  }))
  await under.api.recordSource('many', {
    ...{ expected_revision: 0, lease_token: lease?.token ?? 0, state: {} },
    findings: { put },
  })
  const page = await read('/console/sources/many')
  expect(page.match(/It is empty\./g)).toHaveLength(2)
  expect(page).toMatch(
    /<summary>The same for 2 more<\/summary><ul><li><bdi>v1\.1\.0<\/bdi><\/li><li><bdi>v1\.2\.0<\/bdi>/,
  )
})
