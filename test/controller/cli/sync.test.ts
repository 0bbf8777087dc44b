import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRepository, type TestRepository } from '../../support/git-repository.ts'
import { type CliUnderTest, configure, makeCli, words } from './cli-under-test.ts'

interface Domain extends CliUnderTest {
  readonly repository: TestRepository
}

/** A repository with a release, a draft and what cannot be a prompt, and a configuration that watches it. */
async function makeDomain(files: Readonly<Record<string, string>> = {}): Promise<Domain> {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'prompts-repo'))
  await repository.commit({ 'prompts/triage.md': 'released\n', 'prompts/other.txt': 'other\n' })
  await repository.tag('v1.0.0')
  await repository.commit({ 'prompts/triage.md': 'draft\n', ...files })
  await configure(cli.folder, ['{ name: demo, repository: ./prompts-repo, branch: main }'])
  return { ...cli, repository }
}

const BAD_FILES = {
  'prompts/empty1.md': '',
  'prompts/empty2.md': '',
  'prompts/empty3.md': '',
  'prompts/empty4.md': '',
  'prompts/broken_v1.md': 'text',
  'prompts/evil\u001b[2J.md': 'text',
}

test('sync brings a repository in, says what it did, and says that nothing changed the second time', async () => {
  const { run, repository } = await makeDomain()
  const at = (await repository.git('rev-parse', 'HEAD')).slice(0, 12)
  const first = await run(['sync'])
  expect(first).toMatchObject({ code: 0, err: '', out: `demo: synced at ${at}: 3 pushed, 2 promoted\n` })
  expect((await run(['get', 'triage'])).out).toBe('released\n')
  expect((await run(words('get triage --mode dev'))).out).toBe('draft\n')
  expect(await run(['sync'])).toMatchObject({ code: 0, err: '', out: `demo: unchanged at ${at}\n` })
})

test('sync ends with 1 where files are quarantined, and tells those of one reason together', async () => {
  const { run } = await makeDomain(BAD_FILES)
  const first = await run(['sync', 'demo'])
  expect(first.code).toBe(1)
  const lines = first.out.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^demo: synced at \w+: 3 pushed, 2 promoted, 6 quarantined$/)
  expect(lines.slice(1).sort()).toEqual(
    [
      '  quarantined 4 files: It is empty; a prompt needs a text.',
      '    prompts/empty1.md, prompts/empty2.md, prompts/empty3.md and 1 more',
      '  quarantined prompts/broken_v1.md: The prompt id "broken_v1" ends like a version pin ("_v1.2"); choose a name without it.',
      expect.stringMatching(/^ {2}quarantined prompts\/evil \[2J\.md: The segment "evil \[2J" /),
    ].sort(),
  )
  const second = await run(['sync'])
  expect(second.code).toBe(1)
  expect(second.out).toMatch(
    /^demo: unchanged at \w+: 6 quarantined\n {2}"promptctl sources demo" shows what needs somebody\.\n$/,
  )
})

test('sync -o json writes only JSON to stdout', async () => {
  const { run, repository } = await makeDomain(BAD_FILES)
  const { code, json, err } = await run(words('sync -o json'))
  const { passes } = json<{ passes: { quarantined: unknown[] }[] }>()
  expect([code, err]).toEqual([1, ''])
  expect(passes).toEqual([
    expect.objectContaining({
      source: 'demo',
      result: 'synced',
      kind: 'first',
      commit: await repository.git('rev-parse', 'HEAD'),
      counts: expect.objectContaining({ pushed: 3, promoted: 2, quarantined: 6 }),
    }),
  ])
  expect(passes[0]?.quarantined).toHaveLength(6)
})

test('sync does what it can and reports a source that cannot be read', async () => {
  const { run, folder } = await makeDomain()
  await configure(folder, [
    '{ name: gone, repository: ./nosuch, branch: main }',
    '{ name: demo, repository: ./prompts-repo, branch: main }',
  ])
  const { code, out } = await run(['sync'])
  expect(code).toBe(1)
  expect(out).toMatch(/^gone: failed \(.+\)\ndemo: synced at /)
  expect(out).not.toContain('    at ')
  const only = await run(['sync', 'demo'])
  expect(only).toMatchObject({ code: 0 })
  expect(only.out).toMatch(/^demo: unchanged/)
})

test('sync does not wait for the time of a retry', async () => {
  const { run, withApi } = await makeDomain()
  await run(['sync'])
  await withApi(async (api) => {
    const { revision, state } = await api.source('demo')
    const retry = { attempt: 9, not_before: '2999-01-01T00:00:00.000Z' }
    await api.recordSource('demo', { expected_revision: revision, state: { ...state, retry } })
  })
  expect((await run(['sources', 'demo'])).out).toContain('next try')
  expect((await run(['sync'])).out).toMatch(/^demo: synced /)
})

test('an unknown source is a wrong use that names the known ones', async () => {
  const { run } = await makeDomain()
  const { code, err } = await run(['sync', 'nosuch'])
  expect([code, err]).toEqual([2, 'error: There is no source "nosuch"; the configuration has demo.\n'])
  expect((await run(['plan', 'nosuch'])).code).toBe(2)
})

test('a missing secret of one source is told before another is synced', async () => {
  const { run, folder } = await makeDomain()
  await configure(folder, [
    '{ name: demo, repository: ./prompts-repo, branch: main }',
    '{ name: far, repository: "https://git.example/x.git", credentials: { passwordEnv: GIT_PASSWORD } }',
  ])
  const { code, err } = await run(['sync'])
  expect(code).toBe(2)
  expect(err).toContain('the variable GIT_PASSWORD')
  expect((await run(['list'])).out).toBe('')
})

test('plan shows what sync would do, changes nothing, and needs no registry', async () => {
  const { run, repository, withApi } = await makeDomain(BAD_FILES)
  const at = (await repository.git('rev-parse', 'HEAD')).slice(0, 12)
  const { code, out, err } = await run(['plan'])
  expect([code, err]).toEqual([0, ''])
  const lines = out.trimEnd().split('\n')
  expect(lines[0]).toBe(`demo: 5 changes at main ${at}`)
  expect(lines.filter((line) => line.includes('push'))).toHaveLength(3)
  expect(lines).toContainEqual(
    expect.stringMatching(/^ {2}promote {2}triage@\w{12} as 1\.0\.0 {2}\(tag v1\.0\.0\)$/),
  )
  expect(lines).toContain('  quarantined 4 files: It is empty; a prompt needs a text.')
  expect((await run(['list'])).err).toContain('There is no registry')

  const { plans } = (await run(words('plan -o json'))).json<{ plans: { current: unknown[] }[] }>()
  expect(plans).toEqual([expect.objectContaining({ source: 'demo', branch: 'main', kind: 'first' })])
  await run(['sync'])
  const before = await withApi((api) => api.source('demo'))
  expect((await run(['plan'])).out).toMatch(/^demo: 0 changes at main /)
  expect(await withApi((api) => api.source('demo'))).toEqual(before)
})

test('plan tells the many earlier releases of a prompt in one line', async () => {
  const { run, repository } = await makeDomain()
  for (const release of ['v1.1.0', 'v1.2.0', 'v1.3.0', 'v1.4.0', 'v1.5.0']) await repository.tag(release)
  const lines = (await run(['plan'])).out.trimEnd().split('\n')
  expect(lines).toContain('  earlier  other: 1.4.0, 1.3.0, 1.2.0 and 2 more (5 changes)')
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}promote {2}other@\w{12} as 1\.5\.0 /))
  expect(lines.filter((line) => line.includes('as 1.4.0'))).toEqual([])
})

test('sources tells how the last pass went and who is at work', async () => {
  const { run, repository, withApi } = await makeDomain()
  await run(['sync'])
  const at = await repository.git('rev-parse', 'HEAD')
  const row = async () => {
    const [, line = ''] = (await run(['sources'])).out.split('\n')
    return line.split(/ {2,}/)
  }
  expect(await row()).toEqual([
    'demo',
    'synced',
    expect.stringMatching(/ ago$/),
    at.slice(0, 12),
    '3 pushed, 2 promoted',
    '-',
  ])
  await withApi((api) => api.lease('demo', { holder: 'somebody', ttl_seconds: 900 }))
  expect((await row()).at(-1)).toBe('somebody')
  const one = await run(['sources', 'demo'])
  expect(one.out).toContain(`commit     ${at}\n`)
  expect(one.out).toMatch(/at work {4}somebody, until .+ UTC at the latest/)
  const document = await withApi((api) => api.source('demo'))
  expect((await run(words('sources demo -o json'))).json()).toEqual(document)
  expect((await run(words('sources -o json'))).json()).toEqual({ sources: [document], next_cursor: null })
})

test('sources NAME shows every quarantined file and finding', async () => {
  const { run, repository } = await makeDomain(BAD_FILES)
  await repository.tag('vnext')
  await run(['sync'])
  await repository.tag('v1.0.0', { force: true })
  await run(['sync'])
  const { out, code } = await run(['sources', 'demo'])
  expect(code).toBe(0)
  expect(out.match(/^ {2}quarantined /gm)).toHaveLength(6)
  for (const number of [1, 2, 3, 4])
    expect(out).toContain(`  quarantined prompts/empty${number}.md: It is empty; a prompt needs a text.\n`)
  expect(out).toContain('  moved v1.0.0: The tag "v1.0.0" was moved')
  expect(out).not.toContain('\u001b')
})

test('sources NAME of a source that was never synced is not found, in every format', async () => {
  const { run } = await makeDomain()
  await run(['sync'])
  for (const line of ['sources nosuch', 'sources nosuch -o json']) {
    const { code, out, err } = await run(words(line))
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^error: The registry has nothing of a source "nosuch"; .+ \[not_found\]\n$/)
  }
})

test('a source that fails tells why, and when it is tried again', async () => {
  const { run, folder } = await makeCli()
  await configure(folder, ['{ name: gone, repository: ./nosuch, branch: main }'])
  await run(['sync'])
  const { out } = await run(['sources', 'gone'])
  expect(out).toMatch(/result {5}failed\n {2}message {4}\S/)
  expect(out).toMatch(/next try {3}.+ UTC/)
})

test('a pass that a hold keeps back says so, and how the prompt gets free', async () => {
  const { run, repository } = await makeDomain()
  await run(['sync'])
  await run(words('hold triage --reason audit'))
  await repository.tag('v1.1.0')
  const { code, out } = await run(['sync'])
  expect(code).toBe(0)
  expect(out).toContain('1 held')
  expect(out).toContain('held triage: ')
  await run(['unhold', 'triage'])
  expect((await run(['sync'])).out).toContain('1 promoted')
  expect((await run(['get', 'triage'])).out).toBe('draft\n')
})

test('what is configured elsewhere counts from the folder of the configuration', async () => {
  const { run, folder, withApi } = await makeDomain()
  const other = join(folder, 'elsewhere.yaml')
  await writeFile(other, 'registry: { file: other.db }\nsources: []\n')
  expect((await run(['list', '--config', 'elsewhere.yaml'])).err).toContain(join(folder, 'other.db'))
  await run(['push', 'a', '--config', other], { stdin: 'text' })
  expect((await run(['list', '-c', other])).out).toContain('\na ')
  expect(await withApi((api) => api.list())).toMatchObject({ prompts: [] })
})
