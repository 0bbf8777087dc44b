import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { configure, makeCli, words } from '../controller/cli/cli-under-test.ts'
import { createRepository, type FileChange, type TestRepository } from '../support/git-repository.ts'
import { makeRegistry, outcome } from '../support/registry.ts'

/** What agents get. */

const T = 'prompts/t.md'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
/** What `sha256sum` prints, cut as people cut it. */
const label = (file: string) => sha256(file).slice(0, 12)

async function start(keys = '', files: Readonly<Record<string, FileChange>> = { [T]: 'one\n' }) {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repository'))
  await repository.commit(files)
  const source = async (more: string) =>
    await configure(cli.folder, [`{ name: s, repository: ./repository, branch: main${more} }`])
  await source(keys)
  const promptctl = async (line: string) => await cli.run(words(line))
  const sync = async () => await promptctl('sync')
  /** What an agent gets, or the code of the refusal. */
  const get = async (reference: string, mode = 'production') => {
    const { out, err } = await promptctl(`get ${reference} --mode ${mode}`)
    return out || (/\[(\w+)\]\n$/.exec(err)?.[1] ?? err)
  }
  const answer = async (reference: string, mode = 'production') =>
    (await promptctl(`get ${reference} --mode ${mode} -o json`)).json()
  return { ...cli, repository, source, promptctl, sync, get, answer }
}

async function release(repository: TestRepository, text: string, tag: string): Promise<void> {
  await repository.commit({ [T]: text })
  await repository.tag(tag)
}

describe('a version', () => {
  it('is its file: its label is what sha256sum prints, and its answer has the whole identity', async () => {
    const file = '---\r\ndescription: sorts\r\nmodel: m\r\n---\r\nHello\r\n'
    const { repository, sync, answer } = await start('', { [T]: file })
    await repository.tag('v1.0.0')
    await sync()
    expect(await answer('t')).toMatchObject({
      version: label(file),
      release: '1.0.0',
      identity: sha256(file),
      file_sha256: sha256(file),
      format: 'front-matter',
      source: 's',
      archived: false,
      content: 'Hello\r\n',
      description: 'sorts',
      config: { model: 'm' },
    })
  })

  it.each([
    ['description', '---\ndescription: new\n---\none\n'],
    ['tags', '---\ntags: [new]\n---\none\n'],
    ['comment', '---\n# new\ndescription: old\n---\none\n'],
    ['setting', '---\ndescription: old\nmodel: m\n---\none\n'],
  ])('with another %s is another draft, and production keeps what was released', async (_what, text) => {
    const before = '---\ndescription: old\ntags: [old]\n---\none\n'
    const { repository, sync, answer } = await start('', { [T]: before })
    await repository.tag('v1.0.0')
    await sync()
    const released = await answer('t')
    await repository.commit({ [T]: text })
    await sync()
    expect(await answer('t')).toEqual({ ...released, revision: expect.any(Number) })
    expect(await answer('t', 'dev')).toMatchObject({ version: label(text), status: 'draft' })
  })

  it('has an identity of its own if the layout adds something to it', async () => {
    const layout = 'prompts: { t: { description: added, tags: [x] } }\n'
    const { repository, sync, answer } = await start()
    await sync()
    const plain = await answer('t', 'dev')
    await repository.commit({ '.promptctl.yaml': layout })
    await sync()
    const added = await answer('t', 'dev')
    expect(added).toMatchObject({ description: 'added', tags: ['x'], file_sha256: plain.file_sha256 })
    expect(added.identity).not.toBe(plain.identity)
    expect(added.version).toBe(String(added.identity).slice(0, 12))
  })

  it('shares no label with another one: the second file is told to change a byte', async () => {
    const [one, two] = ['Be kind. 10663093\n', 'Be kind. 16472189\n'] as const
    expect(label(one)).toBe(label(two))
    const { repository, promptctl, sync, get } = await start('', { [T]: one })
    await repository.tag('v1.0.0')
    await sync()
    await release(repository, two, 'v1.1.0')
    const { code, out } = await sync()
    expect(code).toBe(1)
    expect(out).toContain(`The label ${label(one)} of "t" belongs to another version`)
    expect(out).toContain('Change a byte')
    expect([await get('t'), await get('t', 'dev'), await get(`t@${label(two)}`)]).toEqual([one, one, one])
    expect((await promptctl('sync --full')).code).toBe(1)
    await release(repository, 'Be kind. \n', 'v1.2.0')
    expect((await sync()).code).toBe(0)
    expect(await get('t')).toBe('Be kind. \n')
  })
})

describe('a release that waits', () => {
  it.each([
    ['for a hold', async ({ promptctl }: Started) => void (await promptctl('hold t'))],
    [
      'for the end of a freeze',
      async ({ source }: Started) => await source(', freeze: [{ cron: "* * * * *", duration: 1h }]'),
    ],
  ])('%s is a draft: neither a pin nor a rollback serves it', async (_what, hold) => {
    const started = await start()
    const { repository, promptctl, sync, get } = started
    await repository.tag('v1.0.0')
    await sync()
    await hold(started)
    await release(repository, 'two\n', 'v1.1.0')
    await sync()
    expect(await get('t')).toBe('one\n')
    expect(await get('t@1.1.0')).toBe('not_released')
    expect(await get('t@1.1.0', 'dev')).toBe('two\n')
    expect((await promptctl('versions t')).out).toMatch(/1\.1\.0 \(waits\) +\w+ +draft/)
    const back = await promptctl('rollback t 1.1.0')
    expect(back.code).toBe(1)
    expect(await get('t')).toBe('one\n')
  })

  it('counts as released once a higher one does, here and in a registry made from git', async () => {
    const { repository, source, sync, get, promptctl, folder, run } = await start()
    await repository.tag('v1.0.0')
    await sync()
    await source(', freeze: [{ cron: "* * * * *", duration: 1h }]')
    await release(repository, 'two\n', 'v1.1.0')
    await sync()
    await release(repository, 'three\n', 'v1.2.0')
    await sync()
    await source('')
    await sync()
    expect([await get('t'), await get('t@1.1.0')]).toEqual(['three\n', 'two\n'])
    expect((await promptctl('rollback t 1.1.0')).code).toBe(0)
    await configure(
      folder,
      ['{ name: s, repository: ./repository, branch: main }'],
      'registry: { file: new.db }',
    )
    await run(['sync'])
    expect([await get('t'), await get('t@1.1.0')]).toEqual(['three\n', 'two\n'])
  })
})

type Started = Awaited<ReturnType<typeof start>>

describe('a rollback', () => {
  it('goes to a released version only, whoever asks', async () => {
    const registry = makeRegistry()
    const owner = registry.as({ access: 'write', sources: ['s'] })
    const push = async (content: string) =>
      (await owner.push({ prompt_id: 'p', content, origin: { source: 's' } })).version
    const [stable, draft] = [await push('one'), await push('two')]
    await owner.promote('p', { version: stable, alias: '1.0.0', source: 's' })
    await owner.addAlias('p', { version: draft, alias: '1.1.0-rc.1', source: 's' })
    const stranger = registry.as({ access: 'write', sources: ['other'] })
    const tries = async (api: RegistryApi) =>
      await Promise.all([draft, '1.1.0-rc.1'].map((version) => outcome(api.rollback('p', { version }))))
    for (const api of [owner, stranger, registry.admin])
      for (const code of await tries(api)) expect(code).not.toBe('done')
    expect((await owner.resolve('p')).content).toBe('one')
    registry.close()
  })

  it('may go to a release that was brought in later', async () => {
    const { repository, sync, promptctl, get } = await start()
    await repository.tag('v1.0.0')
    await release(repository, 'two\n', 'v1.1.0')
    await sync()
    await repository.git('checkout', '--quiet', '-b', 'older', 'v1.0.0')
    await release(repository, 'older\n', 'v0.9.0')
    await repository.git('checkout', '--quiet', 'main')
    await repository.git('merge', '--quiet', '-s', 'ours', '-m', 'merge', 'older')
    await sync()
    expect((await promptctl('rollback t 0.9.0')).code).toBe(0)
    expect(await get('t')).toBe('older\n')
  })

  it('takes the bad text from dev as well', async () => {
    const { repository, sync, promptctl, get } = await start()
    await repository.tag('v1.0.0')
    await release(repository, 'bad\n', 'v2.0.0')
    await sync()
    await promptctl('rollback t')
    expect([await get('t'), await get('t', 'dev'), await get('t', 'simulation')]).toEqual(
      Array(3).fill('one\n'),
    )
    await repository.commit({ [T]: 'a better draft\n' })
    await sync()
    expect(await get('t', 'dev')).toBe('a better draft\n')
  })

  it.each([
    ['a comment', '---\n# a note\ndescription: as before\n---\nbad\n'],
    ['a description', '---\ndescription: really good\n---\nbad\n'],
  ])('is not undone by a release that only brings %s', async (_what, text) => {
    const { repository, sync, promptctl, get } = await start()
    await repository.tag('v1.0.0')
    await release(repository, 'bad\n', 'v1.3.0')
    await sync()
    await promptctl('rollback t')
    await release(repository, text, 'v1.4.0')
    const { code, out } = await sync()
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('1 held') })
    expect(await get('t')).toBe('one\n')
    await release(repository, 'good\n', 'v1.5.0')
    await sync()
    expect(await get('t')).toBe('good\n')
  })
})

describe('a revocation', () => {
  const withSetting = (temperature: number) => `---\ntemperature: ${temperature}\n---\nSort it.\n`

  it('of one version leaves the same text with other settings, and lets a mended one be released', async () => {
    const { repository, sync, get, answer, run } = await start('', { [T]: withSetting(0.1) })
    await repository.tag('v1.0.0')
    await release(repository, withSetting(0.9), 'v1.1.0')
    await sync()
    const revoke = ['revoke', 't', '1.1.0', '--scope', 'version', '--reason', 'too hot']
    expect((await run(revoke)).out).toMatch(
      /is revoked and never served again; stable is \d\.\d\.\d \(\w{12}\)\./,
    )
    expect(await answer('t')).toMatchObject({ config: { temperature: 0.1 } })
    expect(await get('t@1.1.0')).toBe('revoked')
    await release(repository, withSetting(0.2), 'v1.2.0')
    expect((await sync()).code).toBe(0)
    expect(await answer('t')).toMatchObject({ config: { temperature: 0.2 } })
  })

  it('of a content names all that it covers before it acts', async () => {
    const { repository, sync, promptctl, run, get } = await start('', { [T]: withSetting(0.1) })
    await repository.tag('v1.0.0')
    await release(repository, withSetting(0.9), 'v1.1.0')
    await sync()
    const revoke = ['revoke', 't', '1.1.0', '--reason', 'leak']
    const covered = (await run([...revoke, '--dry-run'])).out
    expect(covered).toBe(
      `Dry run, nothing was changed; otherwise: t: revokes 1.1.0 (${label(withSetting(0.9))}), 1.0.0 (${label(withSetting(0.1))}), every version with this content; then no version is stable.\n`,
    )
    expect(await get('t')).toBe('Sort it.\n')
    await run(revoke)
    expect(await get('t')).not.toBe('Sort it.\n')
    await release(repository, withSetting(0.2), 'v1.2.0')
    const { code, out } = await promptctl('sync')
    expect(code).toBe(1)
    expect(out).toContain('was revoked for "t" and cannot come back')
  })
})

describe('a mass change', () => {
  it('is judged by what the model gets: a licence comment in every file is none', async () => {
    const files = (text: (n: number) => string) =>
      Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`prompts/p${n}.md`, text(n)]))
    const { repository, sync } = await start(
      '',
      files((n) => `---\ndescription: d\n---\ntext ${n}\n`),
    )
    await repository.tag('v1.0.0')
    await sync()
    await repository.commit(files((n) => `---\n# Licensed under MIT.\ndescription: d\n---\ntext ${n}\n`))
    await repository.tag('v1.1.0')
    expect(await sync()).toMatchObject({ code: 0, out: expect.stringContaining('30 promoted') })
    await repository.commit(files((n) => `---\ndescription: d\n---\nother ${n}\n`))
    await repository.tag('v1.2.0')
    expect(await sync()).toMatchObject({ code: 1, out: expect.stringContaining('held') })
  })
})

describe('prompts that move with their layout', () => {
  it.each([
    ['another folder', 'texts/t.md', 'directories: [texts]\n'],
    ['another ending', 'prompts/t.prompt', 'include: ["**/*.prompt"]\n'],
  ])('to %s keep every release in a registry made from git', async (_what, path, layout) => {
    const { repository, sync, get, folder, run } = await start()
    await repository.tag('v1.0.0')
    await release(repository, 'two\n', 'v1.1.0')
    await sync()
    await repository.commit({ [T]: null, [path]: 'three\n', '.promptctl.yaml': layout })
    await repository.tag('v1.2.0')
    await sync()
    const pins = async () => await Promise.all(['t', 't@1.0.0', 't@1.1.0', 't@1.2.0'].map((one) => get(one)))
    expect(await pins()).toEqual(['three\n', 'one\n', 'two\n', 'three\n'])
    await configure(
      folder,
      ['{ name: s, repository: ./repository, branch: main }'],
      'registry: { file: new.db }',
    )
    expect((await run(['sync'])).code).toBe(0)
    expect(await pins()).toEqual(['three\n', 'one\n', 'two\n', 'three\n'])
  })

  it('that the platform names have no history: older releases that lie elsewhere are told', async () => {
    const { repository, source, sync } = await start()
    await repository.tag('v1.0.0')
    await repository.commit({ [T]: null, 'texts/t.md': 'two\n' })
    await repository.tag('v1.1.0')
    await source(', directories: [texts]')
    expect((await sync()).out).toContain(
      'Tag v1.0.0 releases nothing: its commit has no prompt in texts; if they were in another directory at that time, add it to directories',
    )
    await source(', directories: [texts, prompts]')
    const { out } = await sync()
    expect(out).not.toContain('v1.0.0 releases nothing')
    expect(out).toMatch(/named/)
  })
})

describe('front matter', () => {
  it.each([
    ['after # comments in a .prompt', 'p.prompt', '# licensed\n\n---\nmodel: m\n---\ntext\n', 'text\n'],
    ['after blank lines', 'p.md', '\n\n---\nmodel: m\n---\ntext\n', 'text\n'],
    ['with nothing in it', 'p.md', '---\n---\ntext\n', 'text\n'],
  ])('%s is read, and never reaches the model', async (_what, name, file, content) => {
    const { sync, answer } = await start(", include: ['**/*']", { [`prompts/${name}`]: file })
    expect((await sync()).code).toBe(0)
    expect(await answer('p', 'dev')).toMatchObject({ content, file_sha256: sha256(file) })
  })

  it('that looks as if it were and is not read is told', async () => {
    const { sync, get } = await start('', { 'prompts/p.md': '# Title\n\n---\nmodel: m\n---\ntext\n' })
    const { code, out } = await sync()
    expect(code).toBe(0)
    expect(out).toContain('notice: front matter not read')
    expect(await get('p', 'dev')).toContain('# Title')
  })

  it('with a value that is not YAML is read as the tools read it, and told', async () => {
    const file = '---\ndescription: Use this: always\nglobs: **/*.ts\n---\ntext\n'
    const { sync, answer } = await start('', { 'prompts/p.md': file })
    const { code, out } = await sync()
    expect(code).toBe(0)
    expect(out).toMatch(/notice: front matter repaired prompts\/p\.md: Line 2: /)
    expect(await answer('p', 'dev')).toMatchObject({
      description: 'Use this: always',
      config: { globs: '**/*.ts' },
      content: 'text\n',
    })
  })

  it('with odd values is read as people mean them', async () => {
    const file = `---\ntags: a, b\ndescription:\n  - one\n  - two\nmodel: !env MODEL\n---\ntext\n`
    const { sync, answer } = await start('', {
      'prompts/p.md': file,
      'prompts/q.md': '---\ntags: [2024]\n---\nx',
    })
    expect((await sync()).code).toBe(0)
    expect(await answer('p', 'dev')).toMatchObject({
      tags: ['a', 'b'],
      description: 'one\ntwo',
      config: { model: 'MODEL' },
    })
    expect(await answer('q', 'dev')).toMatchObject({ tags: ['2024'] })
  })
})
