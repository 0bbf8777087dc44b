import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configure, makeCli, words } from '../controller/cli/cli-under-test.ts'
import { createRepository, type FileChange } from '../support/git-repository.ts'

/** What people read about a source: in `sync`, `plan`, `sources` and `list`. */

const T = 'prompts/t.md'

/** A repository with `prompts/t.md`, its source `s`, and `promptctl`. */
async function start(keys = '', files: Readonly<Record<string, FileChange>> = { [T]: 'one\n' }) {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repository'))
  await repository.commit(files)
  const source = async (more: string, name = 's') =>
    await configure(cli.folder, [`{ name: ${name}, repository: ./repository, branch: main${more} }`])
  await source(keys)
  const promptctl = async (line: string) => await cli.run(words(line))
  const page = async () => (await promptctl('sources s')).out
  return { ...cli, repository, source, promptctl, page }
}

describe('a source that has a problem', () => {
  it('says so in every run, with the same exit code, until the cause is gone', async () => {
    const { repository, source, promptctl } = await start()
    await repository.commit({ 'prompts/u.md': 'two\n' })
    await repository.tag('v1.0.0')
    expect(await promptctl('sync')).toMatchObject({ code: 0 })
    // Another name is another owner.
    await source('', 'renamed')
    for (const line of ['sync', 'sync', 'sync --full', 'sync']) {
      const { code, out } = await promptctl(line)
      expect({ line, code }).toEqual({ line, code: 1 })
      expect(out).toContain('2 refused')
    }
    const page = (await promptctl('sources renamed')).out
    expect(page).toMatch(/Ready False \(Refused\) .*2 refused\. The prompt "t" belongs to the source "s"\./)
    expect((await promptctl('sources')).out).toMatch(/renamed +no: Refused/)
    await promptctl('transfer t renamed')
    await promptctl('transfer u renamed')
    expect(await promptctl('sync')).toMatchObject({ code: 0 })
    expect((await promptctl('sources renamed')).out).toContain('Ready True (Synced)')
  })

  it('keeps a quarantined file in mind while other files change, and after a tag', async () => {
    const { repository, promptctl, page } = await start()
    await repository.commit({ 'prompts/empty.md': '' })
    expect((await promptctl('sync')).code).toBe(1)
    await repository.commit({ [T]: 'two\n' })
    await repository.tag('v1.0.0')
    expect((await promptctl('sync')).code).toBe(1)
    expect((await promptctl('sync')).code).toBe(1)
    expect(await page()).toMatch(/Ready False \(Quarantined\) .*prompts\/empty\.md: The file has no content/)
    await repository.commit({ 'prompts/empty.md': 'three\n' })
    expect((await promptctl('sync')).code).toBe(0)
    expect(await page()).toContain('Ready True (Synced)')
  })

  it('forgets none of its findings, however many there are', async () => {
    const files = Object.fromEntries(Array.from({ length: 350 }, (_, n) => [`prompts/e${n}.md`, '']))
    const { repository, promptctl, page } = await start('', { [T]: 'one\n', ...files })
    expect((await promptctl('sync')).out).toContain('350 quarantined')
    expect((await promptctl('sync')).out).toContain('350 quarantined')
    expect(new Set((await page()).match(/prompts\/e\d+\.md/g))).toHaveProperty('size', 350)
    await repository.commit({ 'prompts/e349.md': 'text\n' })
    expect((await promptctl('sync')).out).toContain('349 quarantined')
    expect(await page()).not.toContain('e349.md')
  })

  it('is told in one place for people and for programs alike', async () => {
    const { promptctl } = await start('', { [T]: 'one\n', 'prompts/empty.md': '' })
    const { passes } = (await promptctl('sync -o json')).json<{
      passes: { result: string; counts: object; findings: object[] }[]
    }>()
    expect(passes).toMatchObject([{ result: 'synced', counts: { pushed: 1, quarantined: 1 } }])
    expect(passes[0]?.findings).toMatchObject([
      { code: 'quarantined', subject: { kind: 'file', name: 'prompts/empty.md' } },
    ])
    const document = (await promptctl('sources s -o json')).json<{ findings: object[] }>()
    expect(document.findings).toEqual(passes[0]?.findings)
  })
})

describe('a frozen prompt with a new release', () => {
  it('is named where it says what is held, and is no failure', async () => {
    const { repository, promptctl, page } = await start()
    await repository.tag('v1.0.0')
    await promptctl('sync')
    await promptctl('hold t --reason audit')
    await repository.commit({ [T]: 'two\n' })
    await repository.tag('v1.1.0')
    for (const line of ['sync', 'sync', 'sync --full'])
      expect(await promptctl(line)).toMatchObject({ code: 0, out: expect.stringContaining('1 held') })
    expect(await page()).toMatch(/Held True \(Held\) .*: Releases wait: t\./)
    expect(await page()).toMatch(
      /Ready False \(Held\) .*The prompt "t" is frozen \(audit\)\. Release 1\.1\.0 waits/,
    )
    await promptctl('unhold t')
    await promptctl('sync')
    expect(await page()).toMatch(/Held False \(Free\)/)
    expect(await page()).toMatch(/Ready True/)
  })
})

describe('a plan', () => {
  it('tells what sync will do, the changes that are served first, with their texts, and names as a count', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 200 }, (_, n) => [`prompts/p${n}.md`, `text ${n}\n`]),
    )
    const { repository, promptctl } = await start('', files)
    await repository.tag('v1.0.0')
    await promptctl('sync')
    await repository.commit({ 'prompts/p7.md': 'text seven\n' })
    await repository.tag('v1.1.0')
    const lines = (await promptctl('plan')).out.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^s: push 1, promote 1, name 199 at main [0-9a-f]{12}$/)
    expect(lines[1]).toMatch(/^ {2}push {5}p7@[0-9a-f]{12} {2}prompts\/p7\.md$/)
    expect(lines).toContain('      -text 7')
    expect(lines).toContain('      +text seven')
    expect(lines).toContain('  name     194 more prompts get only names')
    expect(lines.length).toBeLessThan(25)
    expect((await promptctl('sync')).out).toMatch(/: 1 pushed, 1 promoted, 199 named\n$/)
  })

  it('is empty once everything is settled, also if it compares everything', async () => {
    const { repository, promptctl } = await start()
    for (const minor of [0, 1, 2, 3, 4]) {
      await repository.commit({ [T]: `text ${minor}\n` })
      await repository.tag(`v1.${minor}.0`)
    }
    await promptctl('sync')
    for (const line of ['plan', 'plan --full', 'plan --full --detailed-exitcode'])
      expect(await promptctl(line)).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^s: nothing to change at/),
      })
  })

  it('says what would be refused, held or quarantined, and why', async () => {
    const { repository, promptctl } = await start('', { [T]: 'one\n', 'prompts/u.md': 'u\n' })
    await repository.tag('v1.0.0')
    await promptctl('sync')
    await promptctl('transfer u other --create')
    await promptctl('hold t')
    await repository.commit({ [T]: 'two\n', 'prompts/u.md': 'changed\n', 'prompts/empty.md': '' })
    await repository.tag('v1.1.0')
    const { out, code } = await promptctl('plan')
    expect(code).toBe(0)
    expect(out).toMatch(/^s: push 1, name 1 at main \w+; 1 refused, 1 quarantined, 1 held\n/)
    expect(out).toContain('  refused: The prompt "u" belongs to the source "other".')
    expect(out).toContain('  held: The prompt "t" is frozen. Release 1.1.0 waits')
    expect(out).toContain('  quarantined prompts/empty.md: The file has no content.')
    expect((await promptctl('sync')).out).toMatch(/: 1 pushed, 1 named, 1 refused, 1 quarantined, 1 held\n/)
  })

  it('shows every source that can be read beside one that cannot, and ends with 1', async () => {
    const { folder, repository, run } = await start()
    await repository.commit({ [T]: 'two\n' })
    await configure(folder, [
      '{ name: a, repository: ./repository, branch: main, idPrefix: a/ }',
      '{ name: gone, repository: ./nosuch, branch: main }',
      '{ name: b, repository: ./repository, branch: main, idPrefix: b/ }',
    ])
    const { code, out, err } = await run(['plan'])
    expect(code).toBe(1)
    expect(out).toMatch(/^a: push 1 at main/m)
    expect(out).toMatch(/^b: push 1 at main/m)
    expect(err).toMatch(/^error: gone: .+ \[not_found\]\n {2}cause: .+\n$/)
    const { plans, errors } = (await run(words('plan -o json'))).json<{ plans: object[]; errors: object[] }>()
    expect(plans).toMatchObject([{ source: 'a' }, { source: 'b' }])
    expect(errors).toMatchObject([{ source: 'gone', code: 'not_found' }])
  })

  it('tells programs by its exit code whether there is something to do, if they ask', async () => {
    const { promptctl, folder } = await start()
    expect((await promptctl('plan --detailed-exitcode')).code).toBe(2)
    expect((await promptctl('plan')).code).toBe(0)
    await promptctl('sync')
    expect((await promptctl('plan --detailed-exitcode')).code).toBe(0)
    await rm(join(folder, 'repository'), { recursive: true })
    expect((await promptctl('plan --detailed-exitcode')).code).toBe(1)
  })
})

describe('a source in which nothing is found', () => {
  it.each([
    ['a directory that is not there', ', directories: [promts]', {}, 'There is no directory "promts"'],
    ['a directory that is a file', ', directories: [notes]', { notes: 'x' }, '"notes" is a file'],
    [
      'a directory that is a link',
      ', directories: [linked]',
      { linked: { symlink: 'prompts' } },
      '"linked" is a symbolic link',
    ],
    ['only files that the patterns leave out', ", include: ['**/*.prompt']", {}, 'leave out'],
    ['only files that are excluded', ", exclude: ['**']", {}, 'leave out'],
  ] as const)('because of %s, says so and ends with 1', async (_what, keys, files, reason) => {
    const { repository, promptctl, page } = await start(keys)
    await repository.commit({ ...files, 'other.txt': 'x' })
    for (const line of ['sync', 'sync']) expect(await promptctl(line)).toMatchObject({ code: 1 })
    expect((await promptctl('sync --full')).out).toContain(reason)
    expect(await page()).toMatch(/Ready False \(NothingFound\)/)
    expect(await page()).toContain(reason)
  })

  it('because its directory is a submodule, says so and ends with 1', async () => {
    const { repository, promptctl } = await start()
    const commit = await repository.git('rev-parse', 'HEAD')
    await repository.git('rm', '-r', '--quiet', 'prompts')
    await repository.git('update-index', '--add', '--cacheinfo', `160000,${commit},prompts`)
    await repository.git('commit', '--quiet', '-m', 'a submodule')
    const { code, out } = await promptctl('sync')
    expect(code).toBe(1)
    expect(out).toContain('"prompts" is a submodule, which is not read')
  })

  it('in one of several directories is only told', async () => {
    const { promptctl, page } = await start(', directories: [prompts, former]')
    expect(await promptctl('sync')).toMatchObject({ code: 0 })
    expect(await page()).toMatch(/Ready True/)
    expect(await page()).toContain('notice: directory empty: There is no directory "former"')
  })
})

describe('tags that release nothing', () => {
  it('because no pattern reads them are told in one line, with the newest, and listed for whoever asks', async () => {
    const { repository, promptctl, page } = await start()
    for (const tag of ['1.0.0', 'release/1.0.1', 'prompts-v1.2.0', 'nightly']) await repository.tag(tag)
    const { code, out } = await promptctl('sync')
    expect(code).toBe(0)
    expect(out).toContain('4 tags match no release pattern (newest: prompts-v1.2.0)')
    for (const tag of ['1.0.0', 'release/1.0.1', 'prompts-v1.2.0', 'nightly'])
      expect(await page()).toContain(tag)
  })

  it('because their tree has no prompt say why, once', async () => {
    const { repository, promptctl, page } = await start('', { 'README.md': 'x' })
    await repository.tag('v0.1.0')
    await repository.commit({ [T]: 'one\n' })
    const first = await promptctl('sync')
    expect(first.out).toContain('Tag v0.1.0 releases nothing: its commit has no prompt in prompts')
    await repository.commit({ [T]: 'two\n' })
    await promptctl('sync')
    expect((await page()).match(/Tag v0\.1\.0 releases nothing/g)).toHaveLength(1)
  })

  it('because they have one numeric part say so; two parts are a release', async () => {
    const { repository, promptctl } = await start()
    await repository.tag('v3')
    await repository.tag('v0.16')
    const { out } = await promptctl('sync')
    expect(out).toContain('Tag v3 releases nothing: "3" has only one numeric part')
    expect((await promptctl('list')).out).toMatch(/^t +0\.16\.0 /m)
    expect((await promptctl('get t@0.16.0')).out).toBe('one\n')
  })

  it('because they cannot become a name keep no other tag out', async () => {
    const { repository, promptctl } = await start()
    await repository.tag('v1.0.0')
    await repository.tag(`v1.1.0+${'x'.repeat(150)}`)
    await repository.tag('v2.0.0\u00a0')
    const { out } = await promptctl('sync')
    expect((await promptctl('list')).out).toMatch(/^t +1\.0\.0 /m)
    expect(out).toContain('cannot name a version; a name has at most 128 characters')
    expect(out).toContain('v2.0.0')
  })
})

describe('the newest release', () => {
  it('on a release branch is missed aloud, and counts once the branch is named', async () => {
    const { repository, source, promptctl, page } = await start()
    await repository.tag('v0.1.10')
    await repository.git('checkout', '--quiet', '-b', 'release/1')
    await repository.commit({ [T]: 'two\n' })
    await repository.tag('v1.0.0')
    await repository.commit({ [T]: 'three\n' })
    await repository.tag('v1.0.1')
    await repository.git('checkout', '--quiet', 'main')
    for (const line of ['sync', 'sync']) expect(await promptctl(line)).toMatchObject({ code: 1 })
    expect(await page()).toMatch(/Ready False \(ReleaseUnreachable\)/)
    expect(
      (await page()).split('\n').filter((line) => line.startsWith('    release unreachable'))[0],
    ).toContain(
      'Tag v1.0.1 is not on branch main. Merge it, add its branch to releaseBranches, or set requireReachable: false.',
    )
    await source(", releaseBranches: ['release/*']")
    expect(await promptctl('sync')).toMatchObject({ code: 0 })
    expect((await promptctl('get t')).out).toBe('three\n')
    // A later one is found when only its branch moves.
    await repository.git('checkout', '--quiet', 'release/1')
    await repository.commit({ [T]: 'four\n' })
    await repository.tag('v1.0.2')
    await repository.git('checkout', '--quiet', 'main')
    await promptctl('sync')
    expect((await promptctl('get t')).out).toBe('four\n')
  })

  it('that another tag has with other text stays a conflict, whatever comes after', async () => {
    const { repository, promptctl, page } = await start(", releases: ['{version}', 'v{version}']")
    await repository.tag('2.2.0')
    await promptctl('sync')
    await repository.commit({ [T]: 'two\n' })
    await repository.tag('v2.2.0')
    expect(await promptctl('sync')).toMatchObject({ code: 1 })
    await repository.commit({ [T]: 'three\n' })
    for (const line of ['sync', 'sync', 'sync --full'])
      expect(await promptctl(line)).toMatchObject({ code: 1 })
    expect(await page()).toContain('Tag v2.2.0 cannot release 2.2.0 of "t": tag 2.2.0 has that release')
    await repository.tag('2.3.0')
    expect(await promptctl('sync')).toMatchObject({ code: 0 })
  })

  it('that differs from another only in build metadata is told like a lower one', async () => {
    const { repository, promptctl, page } = await start()
    await repository.tag('v1.0.0+build.1')
    await promptctl('sync')
    await repository.commit({ [T]: 'two\n' })
    await repository.tag('v1.0.0+build.2')
    expect((await promptctl('sync')).out).toContain('Tag v1.0.0+build.2 promotes nothing')
    await repository.commit({ [T]: 'three\n' })
    await promptctl('sync')
    expect(await page()).toContain('Tag v1.0.0+build.2 promotes nothing')
  })
})

describe('the list of prompts', () => {
  it('has the release that is served, and the highest one beside it', async () => {
    const { repository, promptctl } = await start()
    await repository.tag('v1.0.0')
    await repository.commit({ [T]: 'two\n' })
    await repository.tag('v1.1.0')
    await promptctl('sync')
    const row = async () => (await promptctl('list')).out.split('\n')[1]?.split(/ {2,}/).slice(1, 4)
    expect(await row()).toEqual(['1.1.0', expect.stringMatching(/^\w{12}$/), '-'])
    await promptctl('rollback t')
    expect(await row()).toEqual(['1.0.0', expect.stringMatching(/^\w{12} \(rolled back\)$/), '1.1.0'])
    await promptctl('revoke t 1.0.0 --reason leak')
    expect((await row())?.[0]).not.toBe('1.1.0')
  })
})

describe('a version that somebody set by hand', () => {
  it('is told at every full pass, in the list and in the plan, and put right if the source says so', async () => {
    const { repository, source, promptctl, page, run } = await start()
    await repository.tag('v1.0.0')
    await promptctl('sync')
    await run(words('push t --version hand --override --no-latest'), { stdin: 'by hand\n' })
    await repository.commit({ [T]: 'draft\n' })
    await promptctl('sync')
    await promptctl('promote t hand --override')
    await promptctl('unhold t')
    const { code, out } = await promptctl('sync')
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('1 drifted') })
    expect(await page()).toMatch(/Drifted True \(SetByHand\) .*: Versions set by hand differ from git: t\./)
    expect(await page()).toMatch(/Ready False \(Drifted\)/)
    expect((await promptctl('list')).out).toContain('(by hand)')
    expect((await promptctl('plan --full')).out).toContain(
      'drifted: The prompt "t" has the stable version hand',
    )
    await source(', drift: heal')
    expect(await promptctl('sync')).toMatchObject({ code: 0, out: expect.stringContaining('1 healed') })
    expect((await promptctl('get t')).out).toBe('one\n')
    expect((await promptctl('events t')).out).toContain('healed')
    expect(await page()).toMatch(/Drifted False/)
  })
})
