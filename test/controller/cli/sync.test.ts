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

test('sync, which may read many files, lets its heap grow slowly, and a command that reads does not', async () => {
  const { run } = await makeDomain()
  const slow: string[] = []
  const growHeapSlowly = (command: string) => ({ growHeapSlowly: () => void slow.push(command) })
  await run(['sync'], growHeapSlowly('sync'))
  await run(['list'], growHeapSlowly('list'))
  expect(slow).toEqual(['sync'])
})

const BAD_FILES = {
  'prompts/empty1.md': '',
  'prompts/empty2.md': '',
  'prompts/empty3.md': '',
  'prompts/empty4.md': '',
  'prompts/broken_v1.md': 'text',
  'prompts/evil\u001b[2J.md': 'text',
}

test('sync brings a repository in, reports what it did, and reports no change the second time', async () => {
  const { run, repository } = await makeDomain()
  const at = (await repository.git('rev-parse', 'HEAD')).slice(0, 12)
  const first = await run(['sync'])
  expect(first).toMatchObject({ code: 0, err: '', out: `demo: synced at ${at}: 3 pushed, 2 promoted\n` })
  expect((await run(['get', 'triage'])).out).toBe('released\n')
  expect((await run(words('get triage --mode dev'))).out).toBe('draft\n')
  expect(await run(['sync'])).toMatchObject({ code: 0, err: '', out: `demo: unchanged at ${at}\n` })
})

test('sync exits with 1 if files are quarantined, and groups them by reason', async () => {
  const { run } = await makeDomain(BAD_FILES)
  const first = await run(['sync', 'demo'])
  expect(first.code).toBe(1)
  const lines = first.out.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^demo: synced at \w+: 3 pushed, 2 promoted, 6 quarantined$/)
  expect(lines.slice(1).sort()).toEqual(
    [
      '  quarantined 4 files: The file has no content. Write the prompt below the front matter.',
      '    prompts/empty1.md, prompts/empty2.md, prompts/empty3.md and 1 more',
      '  quarantined prompts/broken_v1.md: The prompt id "broken_v1" ends like a version pin ("_v1.2"); write "broken-v1".',
      expect.stringMatching(
        /^ {2}quarantined prompts\/evil⟨U\+001B⟩\[2J\.md: The prompt id "evil⟨U\+001B⟩\[2J" /,
      ),
    ].sort(),
  )
  const second = await run(['sync'])
  expect(second.code).toBe(1)
  expect(second.out).toMatch(
    /^demo: unchanged at \w+: 6 quarantined\n {2}Run "promptctl sources demo" to see what needs attention\.\n$/,
  )
})

test('sync -o json writes only JSON to stdout', async () => {
  const { run, repository } = await makeDomain(BAD_FILES)
  const { code, json, err } = await run(words('sync -o json'))
  const { passes } = json<{ passes: { findings: { code: string }[] }[] }>()
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
  expect(passes[0]?.findings.map(({ code }) => code)).toEqual(Array(6).fill('quarantined'))
  expect(passes[0]).not.toHaveProperty('news')
})

test('sync reports a source that cannot be read, and syncs the others', async () => {
  const { run, folder } = await makeDomain()
  await configure(folder, [
    '{ name: gone, repository: ./nosuch, branch: main }',
    '{ name: demo, repository: ./prompts-repo, branch: main }',
  ])
  const { code, out } = await run(['sync'])
  expect(code).toBe(1)
  expect(out).toMatch(/^gone: failed \(.+\)\n {2}cause: .+\ndemo: synced at /)
  expect(out).not.toContain('    at ')
  const only = await run(['sync', 'demo'])
  expect(only).toMatchObject({ code: 0 })
  expect(only.out).toMatch(/^demo: unchanged/)
})

test('sync does not wait for a scheduled retry', async () => {
  const { run, withApi } = await makeDomain()
  await run(['sync'])
  await withApi(async (api) => {
    const { revision, state } = await api.source('demo')
    const retry = { attempt: 9, not_before: '2999-01-01T00:00:00.000Z' }
    await api.recordSource('demo', { expected_revision: revision, state: { ...state, retry } })
  })
  expect((await run(['sources', 'demo'])).out).toContain('next retry')
  expect((await run(['sync'])).out).toMatch(/^demo: synced /)
})

test('an unknown source is a usage error that names the known ones', async () => {
  const { run } = await makeDomain()
  const { code, err } = await run(['sync', 'nosuch'])
  expect([code, err]).toEqual([2, 'error: Unknown source "nosuch"; the configuration has demo.\n'])
  expect((await run(['plan', 'nosuch'])).code).toBe(2)
})

test('a missing secret of one source is reported before another is synced', async () => {
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
  expect(lines[0]).toBe(`demo: push 3, promote 2 at main ${at}; 6 quarantined`)
  expect(lines.filter((line) => line.startsWith('  push'))).toHaveLength(3)
  expect(lines.filter((line) => line.endsWith('(not latest)'))).toHaveLength(1)
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^ {2}promote {2}triage@\w{12} as 1\.0\.0 {2}\(tag v1\.0\.0, nothing was stable\)$/,
    ),
  )
  expect(lines).toContain(
    '  quarantined 4 files: The file has no content. Write the prompt below the front matter.',
  )
  expect((await run(['list'])).err).toContain('does not exist. Run promptctl serve')

  const { plans } = (await run(words('plan -o json'))).json<{ plans: unknown[] }>()
  expect(plans).toEqual([expect.objectContaining({ source: 'demo', branch: 'main', kind: 'first' })])
  await run(['sync'])
  const before = await withApi((api) => api.source('demo'))
  expect((await run(['plan'])).out).toMatch(/^demo: nothing to change at main \w+; 6 quarantined$/m)
  expect(await withApi((api) => api.source('demo'))).toEqual(before)
})

test('plan shows many earlier releases of a prompt in one line', async () => {
  const { run, repository } = await makeDomain()
  for (const release of ['v1.1.0', 'v1.2.0', 'v1.3.0', 'v1.4.0', 'v1.5.0']) await repository.tag(release)
  const lines = (await run(['plan'])).out.trimEnd().split('\n')
  expect(lines).toContain('  name     other: 1.4.0, 1.3.0, 1.2.0 and 2 more')
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}promote {2}other@\w{12} as 1\.5\.0 /))
  expect(lines.filter((line) => line.includes('as 1.4.0'))).toEqual([])
})

test('sources shows which sources the configuration no longer has, and what to do', async () => {
  const { folder, run } = await makeDomain()
  await run(['sync'])
  const note =
    'demo is not in this configuration. If no other controller syncs it, run "promptctl sources forget demo".'
  expect((await run(['sources'])).err).toBe('')
  expect((await run(words('sources demo'))).out).not.toContain('not configured')

  await configure(folder, ['{ name: other, repository: ./prompts-repo, branch: main }'])
  const { out, err } = await run(['sources'])
  expect(out).toMatch(/^demo {2,}not configured {2,}/m)
  expect(err).toBe(`${note}\n`)
  expect((await run(words('sources demo'))).out).toMatch(
    /not configured {2}nothing here syncs it; .*forget demo"/,
  )

  await run(words('sources forget demo'))
  const after = await run(['sources'])
  expect(after.out).toContain('demo (forgotten)')
  expect(after.err).toBe('')
})

test('sources shows the last pass and the lease of each source', async () => {
  const { run, repository, withApi } = await makeDomain()
  await run(['sync'])
  const at = await repository.git('rev-parse', 'HEAD')
  const row = async () => {
    const [, line = ''] = (await run(['sources'])).out.split('\n')
    return line.split(/ {2,}/)
  }
  expect(await row()).toEqual([
    'demo',
    'yes',
    expect.stringMatching(/ ago$/),
    at.slice(0, 12),
    'synced: 3 pushed, 2 promoted',
    '-',
  ])
  await withApi((api) => api.lease('demo', { holder: 'somebody', ttl_seconds: 900 }))
  expect((await row()).at(-1)).toBe('somebody')
  const one = await run(['sources', 'demo'])
  expect(one.out).toContain(`commit     ${at}\n`)
  expect(one.out).toMatch(/lease {6}somebody, until .+ UTC at the latest/)
  const document = await withApi((api) => api.source('demo'))
  expect((await run(words('sources demo -o json'))).json()).toEqual({ ...document, findings: [] })
  const { settling: _, hold: __, ...listed } = document
  expect((await run(words('sources -o json'))).json()).toEqual({ sources: [listed], next_cursor: null })
})

test('sources NAME shows every quarantined file and finding', async () => {
  const { run, repository } = await makeDomain(BAD_FILES)
  await repository.tag('vnext')
  await run(['sync'])
  await repository.tag('v1.0.0', { force: true })
  await run(['sync'])
  const { out, code } = await run(['sources', 'demo'])
  expect(code).toBe(0)
  expect(out.match(/^ {4}quarantined /gm)).toHaveLength(3)
  expect(out).toMatch(
    /^ {4}quarantined prompts\/empty1\.md: The file has no content\. Write the prompt below the front matter\. \(since .+\)$/m,
  )
  expect(out).toContain('\n      the same for prompts/empty2.md, prompts/empty3.md, prompts/empty4.md\n')
  expect(out).toContain('  notice: tag moved: Tag v1.0.0 was moved')
  expect(out).not.toContain('\u001b')
})

test('sources NAME does not find a source that was never synced, in every format', async () => {
  const { run } = await makeDomain()
  await run(['sync'])
  for (const line of ['sources nosuch', 'sources nosuch -o json']) {
    const { code, out, err } = await run(words(line))
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^error: Source "nosuch" was never synced\. .+ \[not_found\]\n$/)
  }
})

test('a source that fails shows the reason and the time of the retry', async () => {
  const { run, folder } = await makeCli()
  await configure(folder, ['{ name: gone, repository: ./nosuch, branch: main }'])
  await run(['sync'])
  const { out } = await run(['sources', 'gone'])
  expect(out).toMatch(/result {6}failed\n {2}message {5}\S/)
  expect(out).toMatch(/next retry {2}.+ UTC/)
})

test('a pass reports a held release, and how to lift the hold', async () => {
  const { run, repository } = await makeDomain()
  await run(['sync'])
  await run(words('hold triage --reason audit'))
  await repository.tag('v1.1.0')
  const { code, out } = await run(['sync'])
  expect(code).toBe(0)
  expect(out).toContain('1 held')
  expect(out).toContain('held: The prompt "triage" is frozen (audit). Release 1.1.0 waits')
  await run(['unhold', 'triage'])
  expect((await run(['sync'])).out).toContain('1 promoted')
  expect((await run(['get', 'triage'])).out).toBe('draft\n')
})

test('relative paths are relative to the configuration file', async () => {
  const { run, folder, withApi } = await makeDomain()
  const other = join(folder, 'elsewhere.yaml')
  await writeFile(other, 'registry: { file: other.db }\nsources: []\n')
  expect((await run(['list', '--config', 'elsewhere.yaml'])).err).toContain(join(folder, 'other.db'))
  await run(['push', 'a', '--config', other], { stdin: 'text' })
  expect((await run(['list', '-c', other])).out).toContain('\na ')
  expect(await withApi((api) => api.list())).toMatchObject({ prompts: [] })
})

test('plan shows changed inputs of a push and of a promotion', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  const file = (variables: string, content: string) => ({
    'prompts/a.md': `---\nvariables: ${variables}\n---\n${content}\n`,
  })
  await repository.commit(file('[who, tone]', 'Hi {{who}}'))
  await repository.tag('v1.0.0')
  await configure(cli.folder, ['{ name: demo, repository: ./repo, branch: main }'])
  expect((await cli.run(['sync'])).code).toBe(0)
  await repository.commit(file('[who]', 'Hello {{who}}'))
  const lines =
    '      Inputs: "tone" was removed or renamed (major).\n      The cached prefix changes at byte 1.\n'
  expect((await cli.run(['plan'])).out).toContain(lines)
  expect((await cli.run(['sync'])).code).toBe(0)
  await repository.tag('v1.1.0')
  const { out } = await cli.run(['plan'])
  expect(out).toMatch(/^ {2}promote/m)
  expect(out).toContain(lines)
  expect(out).toMatch(
    /^ {2}notice: breaking inputs: Release 1\.1\.0 of "a" breaks callers of 1\.0\.0: "tone" was removed or renamed\. Release such a change as 2\.0\.0\.$/m,
  )
  const { out: json } = await cli.run(['plan', '-o', 'json'])
  expect(json).toMatch(/"note": \{\s+"inputs": \[\s+\{\s+"name": "tone",\s+"step": "major"/)
})

test('plan shows inputs that are unused or undeclared', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({
    'prompts/a.prompt': '---\ninput: { schema: { who: string, tone: string } }\n---\nHi {{who}}, {{size}}\n',
  })
  await configure(cli.folder, ['{ name: demo, repository: ./repo, branch: main }'])
  const { code, out } = await cli.run(['plan'])
  expect(code).toBe(0)
  expect(out).toContain(
    '  notice: input undeclared prompts/a.prompt: Line 4: The text uses "size", which is not among the declared inputs. Declare it, or correct the name.\n' +
      '  notice: input unused prompts/a.prompt: Line 2: The input "tone" is declared, but the text does not use it. Use or remove it.\n',
  )
})

test('a release with breaking inputs waits if the registry enforces them, until a person lets it through', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  const file = (variables: string) => ({ 'prompts/a.md': `---\nvariables: ${variables}\n---\nHi {{who}}\n` })
  await repository.commit(file('[who]'))
  await repository.tag('v1.0.0')
  await configure(
    cli.folder,
    ['{ name: demo, repository: ./repo, branch: main }'],
    'registry: { inputs: enforce }',
  )
  expect((await cli.run(['sync'])).code).toBe(0)
  await repository.commit(file('[who, tone]'))
  await repository.tag('v1.1.0')
  const held =
    'Release 1.1.0 of "a" breaks callers of 1.0.0: "tone" was added and is required. It waits: release it as 2.0.0,'
  expect((await cli.run(['plan'])).out).toContain(held)
  const { code, out } = await cli.run(['sync'])
  expect([code, out]).toEqual([0, expect.stringContaining(held)])
  const promote = words('promote a 1.1.0 --alias 1.1.0 --override')
  const refused = await cli.run(promote)
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringContaining('"tone" was added and is required'),
  ])
  expect((await cli.run([...promote, '--allow-breaking-inputs'])).code).toBe(0)
  expect((await cli.run(words('get a -o json'))).out).toMatch(/"release": "1\.1\.0"/)
})
