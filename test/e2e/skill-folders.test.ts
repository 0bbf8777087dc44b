import { describe, expect, it } from 'vitest'
import { canonicalJson, sha256 } from '../../api/contract/version.ts'
import {
  changesOf,
  expectSettled,
  findingsOf,
  quarantined,
  served,
  startJourney,
} from '../support/planned-journey.ts'
import { scratchFolder } from '../support/scratch.ts'

const SKILL =
  '---\nname: tidy-notes\ndescription: Tidies notes.\n---\nTidy notes as references/style.md says.\n'
const STYLE = '# Style\r\n\nBe brief.\n'
const SCRIPT = 'print("tidy")\n'
const LOGO = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x00, 0xff])

const FILES = {
  'prompts/tidy-notes/SKILL.md': SKILL,
  'prompts/tidy-notes/references/style.md': STYLE,
  'prompts/tidy-notes/scripts/tidy.py': SCRIPT,
  'prompts/tidy-notes/assets/logo.png': LOGO,
  'prompts/triage.md': 'Triage.\n',
}
const ID = 'tidy-notes/SKILL'

function identityOf(files: Readonly<Record<string, string | Buffer>>): string {
  const hashes = Object.entries(files).map(([path, text]) => [path, sha256(text as string)])
  return sha256(canonicalJson(Object.fromEntries(hashes)))
}

const identity = identityOf({
  'SKILL.md': SKILL,
  'references/style.md': STYLE,
  'scripts/tidy.py': SCRIPT,
  'assets/logo.png': LOGO,
})

describe('a skill folder', () => {
  it('is one prompt with all its files, which are released with it', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit(FILES)
    await repository.tag('v1.0.0')
    expect(findingsOf(await controller.sync())).toEqual([])
    expect([...(await controller.rows()).keys()].sort()).toEqual([ID, 'triage'])
    const prompt = await controller.api.resolve(ID, { include: 'file' })
    expect(prompt).toMatchObject({ file: SKILL, file_sha256: sha256(SKILL), identity, release: '1.0.0' })
    expect(prompt.files).toEqual([
      { path: 'assets/logo.png', bytes: 6, sha256: sha256(LOGO as never), binary: true },
      { path: 'references/style.md', bytes: STYLE.length, sha256: sha256(STYLE) },
      { path: 'scripts/tidy.py', bytes: SCRIPT.length, sha256: sha256(SCRIPT) },
    ])
    expect((await controller.api.folderFile(ID, 'references/style.md')).text).toBe(STYLE)
    await expectSettled(controller)
  })

  it('gets a new draft if one of its files changes, comes or goes, also in a rebuilt registry', async () => {
    const { controller, repository, another } = await startJourney()
    await repository.commit(FILES)
    await repository.tag('v1.0.0')
    await controller.sync()
    const style = async (ref: string, mode: string) =>
      (await controller.api.folderFile(ID + ref, 'references/style.md', { mode })).text
    const steps = [
      { 'prompts/tidy-notes/references/style.md': '# Style\n\nBe kind.\n' },
      { 'prompts/tidy-notes/references/more.md': 'More.\n' },
      { 'prompts/tidy-notes/scripts/tidy.py': null },
      { 'prompts/tidy-notes/assets/logo.png': Buffer.from([0, 1]) },
    ]
    for (const step of steps) {
      await repository.commit(step)
      expect(changesOf(await controller.plan())).toEqual([expect.stringMatching(`^push ${ID} .* latest$`)])
      expect((await controller.sync()).counts).toMatchObject({ pushed: 1, promoted: 0 })
    }
    expect(await style('', 'production')).toBe(STYLE)
    expect(await style('', 'dev')).toBe('# Style\n\nBe kind.\n')
    await repository.tag('v1.1.0')
    await controller.sync()
    expect(await style('', 'production')).toBe('# Style\n\nBe kind.\n')
    expect(await style('@1.0.0', 'production')).toBe(STYLE)
    await expectSettled(controller)
    const rebuilt = another({ folder: await scratchFolder() })
    await rebuilt.sync()
    for (const ref of [`${ID}@1.0.0`, `${ID}@1.1.0`])
      expect((await rebuilt.api.resolve(ref)).identity).toBe((await controller.api.resolve(ref)).identity)
  })

  it('is an ordinary prompt with the identity of its file once it has no other files', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ 'prompts/tidy-notes/SKILL.md': SKILL })
    await controller.sync()
    const alone = await controller.api.resolve(ID, { mode: 'dev', include: 'file' })
    expect(alone).toMatchObject({ identity: sha256(SKILL), files: null })
    await repository.commit({ 'prompts/tidy-notes/a.md': 'a' })
    await controller.sync()
    await repository.commit({ 'prompts/tidy-notes/a.md': null })
    await controller.sync()
    expect(await controller.api.resolve(ID, { mode: 'dev' })).toMatchObject({ identity: sha256(SKILL) })
    await expectSettled(controller)
  })

  it('has files that are prompts of their own only if the layout includes them by name', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ ...FILES, '.promptctl.yaml': "include: ['**/*.md']\n" })
    await controller.sync()
    expect([...(await controller.rows()).keys()].sort()).toEqual([
      ID,
      'tidy-notes/references/style',
      'triage',
    ])
    expect(await controller.api.resolve(ID, { mode: 'dev' })).toMatchObject({ identity })
  })

  it('has no files that the layout excludes, and none of a skill within it', async () => {
    const { controller, repository } = await startJourney({ exclude: ['**/assets/**'] })
    await repository.commit({
      ...FILES,
      'prompts/tidy-notes/inner/SKILL.md': 'Inner.\n',
      'prompts/tidy-notes/inner/own.md': 'Own.\n',
    })
    expect(findingsOf(await controller.sync())).toEqual([])
    const files = async (id: string) =>
      (await controller.api.resolve(id, { mode: 'dev', include: 'file' })).files?.map(({ path }) => path)
    expect(await files(ID)).toEqual(['references/style.md', 'scripts/tidy.py'])
    expect(await files('tidy-notes/inner/SKILL')).toEqual(['own.md'])
  })

  it('never takes the other prompts of a directory of the layout', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ ...FILES, 'prompts/SKILL.md': 'A skill.\n' })
    await controller.sync()
    expect([...(await controller.rows()).keys()].sort()).toEqual(['SKILL', ID, 'triage'])
    expect(await controller.api.resolve('SKILL', { mode: 'dev' })).toMatchObject({
      identity: sha256('A skill.\n'),
    })
  })

  const many = Array.from({ length: 498 }, (_, index) => [`prompts/tidy-notes/f/${index}.txt`, `${index}`])
  it.each([
    ['501 other files', Object.fromEntries(many), 'has 501 other files; at most 500 are allowed'],
    [
      'a large file',
      { 'prompts/tidy-notes/a.bin': Buffer.alloc(1024 * 1024 + 1) },
      'at most 1048576 are allowed',
    ],
    [
      'a text that grows in a request',
      { 'prompts/tidy-notes/a.txt': '\u0001'.repeat(300_000) },
      'as JSON strings',
    ],
    [
      'a Git LFS pointer',
      { 'prompts/tidy-notes/a.pdf': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' },
      'a.pdf in its folder cannot be kept. The file is a Git LFS pointer.',
    ],
    ['a name with an invisible character', { 'prompts/tidy-notes/a\u200Bb.txt': 'x' }, 'Rename it.'],
  ])('is quarantined with %s, and comes back without it', async (_, files, reason) => {
    const { controller, repository } = await startJourney()
    await repository.commit({ ...FILES, ...files })
    expect(quarantined(await controller.sync())['prompts/tidy-notes/SKILL.md']).toContain(reason)
    expect([...(await controller.rows()).keys()]).toEqual(['triage'])
    await repository.commit(Object.fromEntries(Object.keys(files).map((path) => [path, null])))
    expect(findingsOf(await controller.sync())).toEqual([])
    expect(await served(controller, ID, 'dev')).toContain('Tidy notes')
  })

  it('may have all of its files and its prompt file at the limits', async () => {
    const { controller, repository } = await startJourney()
    const lines = (bytes: number) => '"key": "value of a line"\n'.repeat(bytes).slice(0, bytes)
    const files = Object.fromEntries(
      [0, 1, 2, 3].map((index) => [`prompts/tidy-notes/${index}.json`, lines(256 * 1024)]),
    )
    await repository.commit({ 'prompts/tidy-notes/SKILL.md': lines(256 * 1024), ...files })
    await repository.tag('v1.0.0')
    const report = await controller.sync()
    expect([findingsOf(report), report.counts.promoted]).toEqual([[], 1])
    expect((await controller.api.folderFile(ID, '3.json')).text).toHaveLength(256 * 1024)
  })

  it('is kept out if one of its files has a secret', async () => {
    const { controller, repository } = await startJourney()
    const key = `AKIA${'ABCDEFGH23456723'}`
    await repository.commit({ ...FILES, 'prompts/tidy-notes/scripts/tidy.py': `key = "${key}"\n` })
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['unsafe_text prompts/tidy-notes/SKILL.md'])
    expect(report.findings[0]?.message).toContain('The file scripts/tidy.py of its folder has it.')
    expect(JSON.stringify(report)).not.toContain(key)
    expect(await served(controller, ID, 'dev')).toBe('not_found')
  })

  it('is let in if the platform allows the unsafe text of the file that has it', async () => {
    const files = { ...FILES, 'prompts/tidy-notes/references/style.md': 'Be\u202e brief.\n' }
    const { controller, repository, another } = await startJourney({
      allowUnsafeText: ['**/references/other.md'],
    })
    await repository.commit(files)
    expect(findingsOf(await controller.sync())).toEqual(['unsafe_text prompts/tidy-notes/SKILL.md'])
    const source = { allowUnsafeText: ['**/references/style.md'] }
    const other = another({ source, folder: await scratchFolder() })
    expect(findingsOf(await other.sync())).toEqual([])
    expect(await served(other, ID, 'dev')).toContain('Tidy notes')
  })
})

describe('a SKILL.md that was released before its folder belonged to it', () => {
  it('keeps that version under its releases, and gets a draft with all files', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit(FILES)
    await repository.tag('v1.0.0')
    const { api } = controller
    const { lease } = await api.lease('demo', { holder: 'earlier', ttl_seconds: 60 })
    const by = { origin: { source: 'demo' }, lease_token: lease?.token ?? 0 }
    const at = SKILL.indexOf('Tidy notes')
    const text = { content: SKILL.slice(at), front_matter: SKILL.slice(0, at) }
    const { version } = await api.push({ prompt_id: ID, ...text, ...by })
    await api.promote(ID, { version, alias: '1.0.0', source: 'demo', lease_token: by.lease_token })
    await api.lease('demo', { holder: 'earlier', token: by.lease_token, release: true })
    expect(findingsOf(await controller.sync())).toEqual([])
    expect(await api.resolve(ID)).toMatchObject({ identity: sha256(SKILL), release: '1.0.0' })
    expect(await api.resolve(ID, { mode: 'dev' })).toMatchObject({ identity, status: 'draft' })
    await expectSettled(controller)
    await repository.tag('v1.1.0')
    expect(findingsOf(await controller.sync())).toEqual([])
    expect(await api.resolve(ID)).toMatchObject({ identity, release: '1.1.0' })
    await expectSettled(controller)
  })
})

describe('a release that changes only what belongs to most prompt files', () => {
  const names = ['a', 'b', 'c']
  const each = (file: string, text: string) =>
    Object.fromEntries(names.map((name) => [`prompts/${name}/${file}`, text]))
  const SIDECAR = '  "**/skprompt.txt": { sidecar: [config.json] }\n'
  it.each([
    [
      'files of skill folders',
      each('SKILL.md', 'A skill.\n'),
      each('style.md', 'Be brief.\n'),
      each('style.md', 'Be kind.\n'),
    ],
    [
      'sidecars',
      { '.promptctl.yaml': `prompts:\n${SIDECAR}`, ...each('skprompt.txt', 'Greet.\n') },
      each('config.json', '{ "temperature": 0 }\n'),
      each('config.json', '{ "temperature": 1 }\n'),
    ],
    [
      'the template language',
      each('x.md', 'Greet {{name}}.\n'),
      { '.promptctl.yaml': 'prompts: { "**": { templateLanguage: simple } }\n' },
      { '.promptctl.yaml': 'prompts: { "**": { templateLanguage: handlebars } }\n' },
    ],
  ])('is a mass change: %s', async (_, files, before, after) => {
    const { controller, repository } = await startJourney({ massChange: { share: 0.5, least: 2 } })
    await repository.commit({ ...files, ...before })
    await repository.tag('v1.0.0')
    expect(await controller.sync()).toMatchObject({ result: 'synced', counts: { promoted: 3 } })
    await repository.commit(after)
    await repository.tag('v1.1.0')
    expect(await controller.sync()).toMatchObject({ result: 'held' })
    expect(await controller.sync({ confirm: true })).toMatchObject({
      result: 'synced',
      counts: { promoted: 3 },
    })
  })
})
