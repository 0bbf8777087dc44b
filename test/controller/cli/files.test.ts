import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sha256 } from '../../../api/contract/version.ts'
import { PromptRegistryClient } from '../../../client/node-client.ts'
import { writeFolderFiles } from '../../../controller/cli/folder-files.ts'
import { makeCli } from './cli-under-test.ts'

const CONTENT = 'Tidy as references/style.md says.\n'
const SKILL = `---\nname: tidy\n---\n${CONTENT}`
const STYLE = '# Style\r\n\u0007Be brief.\n'

async function skill(id = 'tidy/SKILL') {
  const cli = await makeCli()
  await cli.withApi(async (api) => {
    const files = [
      { path: 'references/style.md', bytes: Buffer.byteLength(STYLE), sha256: sha256(STYLE), text: STYLE },
      { path: 'logo.png', bytes: 9, sha256: 'b'.repeat(64) },
    ]
    const front_matter = SKILL.slice(0, -CONTENT.length)
    const { version } = await api.push({ prompt_id: id, content: CONTENT, front_matter, files })
    await api.promote(id, { version, alias: '1.0.0' })
    await api.push({ prompt_id: 'plain', content: 'Plain.' })
    await api.promote('plain', { version: (await api.resolve('plain', { mode: 'dev' })).version })
  })
  return { ...cli, read: (path: string) => readFile(join(cli.folder, path), 'utf8') }
}

test('files lists the files of a skill folder, prints one, and saves all that are text', async () => {
  const { run, read, folder } = await skill()
  const { out } = await run(['files', 'tidy/SKILL'])
  expect(out.split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '))).toEqual([
    'PATH BYTES KIND SHA256',
    `logo.png 9 binary ${'b'.repeat(12)}`,
    `references/style.md ${Buffer.byteLength(STYLE)} text ${sha256(STYLE).slice(0, 12)}`,
    '',
  ])
  expect((await run(['files', 'tidy/SKILL', '-o', 'json'])).json()).toMatchObject({
    files: [{ path: 'logo.png' }, { path: 'references/style.md' }],
  })
  expect(await run(['files', 'tidy/SKILL@1.0.0', 'references/style.md'])).toMatchObject({
    code: 0,
    out: STYLE,
  })
  const saved = await run(['files', 'tidy/SKILL', '--dir', 'skills/tidy'])
  expect(saved).toMatchObject({ code: 0, out: '2 files saved\n' })
  expect(saved.err).toContain('logo.png of tidy/SKILL was not written')
  expect(await read('skills/tidy/SKILL.md')).toBe(SKILL)
  expect(await read('skills/tidy/references/style.md')).toBe(STYLE)
  expect(existsSync(join(folder, 'skills/tidy/logo.png'))).toBe(false)
})

test('files refuses a path that is missing or not text, and a path together with a folder', async () => {
  const { run } = await skill()
  expect(await run(['files', 'tidy/SKILL', 'nowhere.md'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('has no file "nowhere.md"'),
  })
  expect((await run(['files', 'tidy/SKILL', 'logo.png'])).err).toContain('is not text')
  expect((await run(['files', 'tidy/SKILL', 'a', '--dir', 'b'])).code).toBe(2)
})

test.each([
  ['tidy/SKILL', 'tidy/SKILL.md', 'tidy/references/style.md'],
  ['summarize', 'summarize.md', 'summarize/references/style.md'],
])('export writes the files of %s, and the client reads the prompt', async (id, main, style) => {
  const { run, read, folder } = await skill(id)
  const exported = await run(['export', '--dir', 'prompts', '--bundle', 'p.bundle'])
  expect(exported).toMatchObject({ code: 0, out: '2 exported\n' })
  expect(await read(`prompts/${main}`)).toBe(SKILL)
  expect(await read(`prompts/${style}`)).toBe(STYLE)
  expect(await read(`p.bundle.files/${style}`)).toBe(STYLE)
  const local = new PromptRegistryClient({ localDir: join(folder, 'prompts'), env: {} })
  expect(await local.resolve(id)).toMatchObject({ text: CONTENT, config: { name: 'tidy' }, tier: 'local' })
  const bundle = { file: join(folder, 'p.bundle') }
  const bundled = new PromptRegistryClient({ bundle, registryUrl: 'http://127.0.0.1:9', env: {} })
  expect(await bundled.get(id)).toBe(CONTENT)
})

test('a path that leads out of the folder is not written', async () => {
  const { folder } = await skill()
  const api = { folderFile: async () => ({ prompt_id: 'p', path: '', bytes: 1, sha256: '', text: 'x' }) }
  for (const path of ['../out.txt', '/out.txt', 'a/../../out.txt', 'a\\out.txt']) {
    const files = [{ path, bytes: 1, sha256: '' }]
    const written = writeFolderFiles(api, join(folder, 'in'), { reference: 'p', files }, {})
    await expect(written).rejects.toMatchObject({ code: 'invalid_path' })
  }
  expect(existsSync(join(folder, 'in'))).toBe(false)
})
