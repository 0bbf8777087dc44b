import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createRepository, isolatedGitEnvironment } from '../../support/git-repository.ts'
import { configure, makeCli, words } from './cli-under-test.ts'

async function write(root: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
}

/** A repository with a committed prompt, and files in it that are not committed. */
async function workingTree(files: Readonly<Record<string, string | Uint8Array>>) {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/good.md': 'Sort.\n' })
  await write(repository.path, files)
  return { ...cli, repository }
}

test('a clean tree has no results, tracked and new files alike', async () => {
  const { run } = await workingTree({ 'prompts/new.txt': 'Greet.', 'prompts/README.md': 'About.' })
  expect(await run(['lint', 'repo'])).toMatchObject({
    code: 0,
    err: '',
    out: '2 prompts, 0 errors, 0 warnings; 1 file left out (-o json has the reasons); read with the default settings of a source.\n',
  })
})

test('each flaw is an error with its place and the next step', async () => {
  const { run } = await workingTree({
    'prompts/Bad: Name.md': 'x',
    'prompts/GOOD.txt': 'x',
    'prompts/bytes.md': Buffer.from([0xff, 0xfe, 0x61]),
    'prompts/empty.md': '',
    'prompts/hidden.md': 'Sort\nmail\u202e it',
    'prompts/large.md': 'x'.repeat(263_000),
    'prompts/yaml.md': '---\ndescription: a\ntags: [a\n---\nx',
  })
  const { code, out } = await run(['lint', 'repo'])
  expect(code).toBe(1)
  const lines = out.trimEnd().split('\n')
  expect(lines.map((line) => line.replace(/: error: .*\[/, ' ['))).toEqual([
    'prompts/Bad: Name.md:1:1 [quarantined]',
    'prompts/GOOD.txt:1:1 [quarantined]',
    'prompts/bytes.md:1:1 [quarantined]',
    'prompts/empty.md:1:1 [quarantined]',
    'prompts/good.md:1:1 [quarantined]',
    'prompts/hidden.md:2:5 [unsafe_text]',
    'prompts/large.md:1:1 [quarantined]',
    'prompts/yaml.md:3:1 [quarantined]',
    '0 prompts, 8 errors, 0 warnings; read with the default settings of a source.',
  ])
})

test('reads what the next commit would have: no ignored and no deleted files, and no links', async () => {
  const { run, repository } = await workingTree({ '.gitignore': 'draft-*', 'prompts/draft-a.md': '' })
  await symlink('good.md', join(repository.path, 'prompts/link.md'))
  await repository.git('rm', '-q', '--cached', 'prompts/good.md')
  const { out } = await run(['lint', 'repo'])
  expect(out).toContain('prompts/link.md:1:1: error: It is a symbolic link')
  expect(out).toContain('1 prompt, 1 error, 0 warnings')
})

test('agrees with the pass that reads the same files from a commit', async () => {
  const files = {
    '.promptctl.yaml': 'directories: [prompts, more]\nprompts: { nosuch: { description: x } }\n',
    'prompts/a.md': '---\ndescription: "x\n---\ny',
    'more/b.md': 'fine',
    'more/c.md': 'a\u200bb',
  }
  const { run, repository, folder } = await workingTree(files)
  const linted = (await run(['lint', 'repo', '-o', 'json'])).json<{
    prompts: { id: string; version: string }[]
    results: { code: string; path: string; level: string }[]
  }>()
  await repository.commit({})
  await configure(folder, ['{ name: s, repository: ./repo }'])
  const { passes } = (await run(['sync', '-o', 'json'])).json<{
    passes: { findings: { code: string; subject: { kind: string; name: string } }[] }[]
  }>()
  const { prompts } = (await run(['list', '-o', 'json'])).json<{
    prompts: { prompt_id: string; latest: string }[]
  }>()
  expect(linted.prompts.map(({ id, version }) => [id, version]).toSorted()).toEqual(
    prompts.map(({ prompt_id, latest }) => [prompt_id, latest]),
  )
  const found = passes.flatMap(({ findings }) => findings)
  expect(linted.results.map(({ code }) => code).toSorted()).toEqual(found.map(({ code }) => code).toSorted())
})

test('uses the settings of the source whose repository is the folder, or of the named one', async () => {
  const { run, folder } = await workingTree({ 'texts/a.md': 'x' })
  await configure(folder, [
    '{ name: here, repository: ./repo, directories: [texts], idPrefix: team/ }',
    '{ name: there, repository: ./elsewhere, directories: [nosuch] }',
  ])
  const { json } = await run(['lint', 'repo', '-o', 'json'])
  expect(json().prompts).toMatchObject([{ id: 'team/a', path: 'texts/a.md' }])
  const named = await run(['lint', 'repo', '--source', 'there'])
  expect([named.code, named.out]).toEqual([1, expect.stringContaining('There is no directory "nosuch"')])
  expect((await run(['lint', 'repo', '--source', 'no'])).code).toBe(2)
})

test('--strict turns warnings into a failure', async () => {
  const { run } = await workingTree({ 'prompts/a.md': '---\nvariables: [message]\n---\nSort.' })
  const relaxed = await run(['lint', 'repo'])
  expect([relaxed.code, relaxed.out]).toEqual([
    0,
    expect.stringContaining('prompts/a.md:2:1: warning: The input'),
  ])
  expect((await run(['lint', 'repo', '--strict'])).code).toBe(1)
})

test.for([
  ['github', '::error file=prompts/empty.md,line=1,col=1,title=quarantined::The file has no content.'],
  ['sarif', '"ruleId": "quarantined"'],
  ['json', '"code": "quarantined"'],
] as const)('--format %s is for programs', async ([format, part]) => {
  const { run } = await workingTree({ 'prompts/empty.md': '' })
  const { code, out } = await run(['lint', 'repo', '--format', format])
  expect([code, out]).toEqual([1, expect.stringContaining(part)])
  if (format !== 'github') expect(() => JSON.parse(out)).not.toThrow()
})

test('a folder outside of git is read whole, and a missing one is a usage error', async () => {
  const { run, folder } = await makeCli()
  await write(folder, { 'plain/prompts/a.md': 'x' })
  expect((await run(['lint', 'plain'])).out).toContain('1 prompt, 0 errors')
  expect(await run(words('lint nosuch'))).toMatchObject({ code: 2, out: '' })
})

test('works in a pre-commit hook, where git points at its own folder', async () => {
  const { run, repository } = await workingTree({ 'prompts/empty.md': '' })
  const { stdout } = await promisify(execFile)('git', ['rev-parse', '--absolute-git-dir'], {
    cwd: repository.path,
    env: isolatedGitEnvironment(),
  })
  const env = { GIT_DIR: stdout.trim(), GIT_INDEX_FILE: join(stdout.trim(), 'index') }
  expect(await run(['lint', 'repo/prompts'], { env })).toMatchObject({ code: 1 })
})

test('a flaw in a file of a skill folder has the place in that file', async () => {
  const { run } = await workingTree({
    'prompts/tidy/SKILL.md': 'Tidy.\n',
    'prompts/tidy/references/style.md': 'Be\nbrief\u202e.\n',
    'prompts/other/SKILL.md': 'Other.\n',
    'prompts/other/a.bin': new Uint8Array(1024 * 1024 + 1),
  })
  const { out } = await run(['lint', 'repo'])
  expect(out.split('\n').map((line) => line.replace(/: error: .*\[/, ' ['))).toEqual([
    'prompts/other/SKILL.md:1:1 [quarantined]',
    'prompts/tidy/references/style.md:2:6 [unsafe_text]',
    expect.stringContaining('1 prompt, 2 errors, 0 warnings'),
    '',
  ])
})

test('a flaw below a key of a split file, or in a sidecar, has the place in the file of the prompt', async () => {
  const { run } = await workingTree({
    '.promptctl.yaml': `include: ["**/*.yaml", "**/*.txt"]
prompts:
  prompts/crew.yaml: { split: true }
  "**/skprompt.txt": { sidecar: [config.json] }
`,
    'prompts/crew.yaml': '# Crew\nscout: Find {part}.\n\nbuyer:\n  goal: mail\u202e it\n',
    'prompts/greet/skprompt.txt': 'Greet.',
    'prompts/greet/config.json': 'Only words.',
    'prompts/wave/skprompt.txt': 'Wave.',
    'prompts/wave/config.json': '{\n"description": "mail\u202e it" }',
  })
  const { code, out } = await run(['lint', 'repo'])
  expect(code).toBe(1)
  expect(out.split('\n').map((line) => line.replace(/: error: .*\[/, ' ['))).toEqual([
    'prompts/crew.yaml:5:13 [unsafe_text]',
    'prompts/greet/skprompt.txt:1:1 [quarantined]',
    'prompts/wave/config.json:2:21 [unsafe_text]',
    expect.stringContaining('1 prompt, 3 errors, 0 warnings'),
    '',
  ])
})
