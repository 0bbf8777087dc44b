import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseReference } from '../../api/contract/reference.ts'
import { isPromptResolutionError } from '../../client/errors.ts'
import { type ClientEvent, createEvents } from '../../client/events.ts'
import { createLocalTier } from '../../client/local-files.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import fc from '../support/fast-check.ts'

let folder: string
let localDir: string
let reader: PromptRegistryClient

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'prompts-')))
  localDir = join(folder, 'local')
  await put('outside.txt', 'SECRET')
  await put('local-too/outside.txt', 'SECRET')
  await mkdir(localDir)
  reader = new PromptRegistryClient({ localDir, env: {} })
})
afterAll(() => rm(folder, { recursive: true }))

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), content)
}

async function codeOf(reference: string): Promise<string | undefined> {
  try {
    return `gave ${JSON.stringify(await reader.get(reference))}`
  } catch (error) {
    if (!isPromptResolutionError(error)) throw error
    return error.attempts[0]?.code ?? error.code
  }
}

describe('a reference and its file', () => {
  test('without a pin: {id}.txt', async () => {
    await put('local/support/plain.txt', 'plain')
    expect(await reader.resolve('support/plain')).toMatchObject({
      text: 'plain',
      tier: 'local',
      promptId: 'support/plain',
      version: null,
      reason: 'answered',
    })
  })

  test('with a pin, as it is written: {id}@{pin}.txt and {id}_v{pin}.txt', async () => {
    await put('local/pinned@1.3.0+b.txt', 'at')
    await put('local/pinned_v1.3.txt', 'underscore')
    expect(await reader.resolve('pinned@1.3.0+b')).toMatchObject({ text: 'at', version: '1.3.0+b' })
    expect(await reader.resolve('pinned_v1.3')).toMatchObject({ text: 'underscore', version: '1.3' })
    expect(await codeOf('pinned@1.3')).toBe('no_file')
  })

  test('a pin without a file names the command that exports it', async () => {
    await put('local/only-plain.txt', 'plain')
    const error = await reader.get("it's@1.4.0").catch((caught: unknown) => caught)
    const local = localDir
    expect(String(error)).toContain(
      `A pin has a file of its own; run: promptctl export 'it'\\''s@1.4.0' --dir ${local} [no_file]`,
    )
  })

  test('a pinned reference does not get the file without a pin, nor the other way round', async () => {
    await put('local/only-plain.txt', 'plain')
    await put('local/only-pinned@1.0.0.txt', 'pinned')
    await put('local/only-pinned_v1.txt', 'pinned')
    expect(await codeOf('only-plain@1.0.0')).toBe('no_file')
    expect(await codeOf('only-plain_v1')).toBe('no_file')
    expect(await codeOf('only-pinned')).toBe('no_file')
    expect(await codeOf('only-pinned@1')).toBe('no_file')
  })

  test('the text is the file, byte for byte, without its front matter', async () => {
    const text = '\uFEFFü\r\n---\r\n👋 \n'
    await put('local/bytes.txt', text)
    expect(await reader.get('bytes')).toBe(text)
    await put('local/matter.txt', `---\r\nmodel: m\r\nvariables: [who]\r\ntags: a, b\r\n---\r\n${text}`)
    expect(await reader.resolve('matter')).toMatchObject({
      text,
      config: { model: 'm' },
      variables: ['who'],
      tags: ['a', 'b'],
    })
  })

  test('.txt comes before the other extensions, and each is read as its format', async () => {
    await put('local/many.md', 'md')
    expect(await reader.get('many')).toBe('md')
    await put('local/many.txt', 'txt')
    expect(await reader.get('many')).toBe('txt')
    await put('local/dot.prompt', '# a comment\n---\nmodel: m\n---\nHello.\n')
    expect(await reader.resolve('dot')).toMatchObject({ text: 'Hello.\n', config: { model: 'm' } })
    await put('local/py.prompty', '---\nname: x\n---\nHello.\n')
    expect(await reader.get('py')).toBe('Hello.\n')
    const document = 'prompt: Hello.\ndescription: Greets.\nmodel: m\n'
    await put('local/chat.prompt.yml', document)
    expect(await reader.resolve('chat.prompt')).toMatchObject({
      text: document,
      description: 'Greets.',
      config: { model: 'm' },
    })
  })

  test.each([
    ['front matter that is not YAML', '---\nmodel: m\n  x: [\n---\nHello.\n'],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\n---\n'],
    ['no content', '---\nmodel: m\n---\n'],
  ])('a file that the controller would quarantine is used whole, with an event: %s', async (_what, text) => {
    await put('local/flawed.txt', text)
    const events: ClientEvent[] = []
    const client = new PromptRegistryClient({ localDir, env: {} })
    client.on('event', (event) => events.push(event))
    expect(await client.get('flawed')).toBe(text)
    const file = join(localDir, 'flawed.txt')
    expect(events).toEqual([
      { type: 'local_file_unread', file, message: expect.stringContaining(`${file}:`) },
    ])
  })

  test('every valid reference finds exactly its own file', async () => {
    const segment = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,8}$/)
    const pin = fc.oneof(
      fc.constant(''),
      fc.stringMatching(/^@[A-Za-z0-9][A-Za-z0-9._+-]{0,8}$/),
      fc.constant('_v1.2'),
    )
    const reference = fc
      .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), pin)
      .map(([segments, end]) => segments.join('/') + end)
      .filter(isReference)
    await fc.assert(
      fc.asyncProperty(reference, async (ref) => {
        await put(`local/p/${ref}.txt`, ref)
        expect(await reader.get(`p/${ref}`)).toBe(ref)
      }),
      { numRuns: 60 },
    )
  })
})

describe('nothing outside the folder is read', () => {
  test('whatever the reference is, when it comes from a caller', async () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '',
      '/',
      '\\',
      '%2e%2e',
      '%2F',
      'outside',
      'local',
      '\0',
      '@',
      '~',
      'a',
    )
    const hostile = fc.oneof(
      fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/')),
      fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('')),
      fc.string({ maxLength: 30, unit: 'binary' }),
      fc.constantFrom(join(folder, 'outside'), '../outside', 'a/../../outside', '../local-too/outside'),
    )
    await fc.assert(
      fc.asyncProperty(hostile, async (reference) => {
        expect(['no_file', 'invalid_reference']).toContain(await codeOf(reference))
      }),
      { numRuns: 500 },
    )
  })

  test('a link that leads out is refused, whether it is the file or a folder on the way', async () => {
    await symlink(join(folder, 'outside.txt'), join(localDir, 'link.txt'))
    await symlink(folder, join(localDir, 'up'))
    // Its name begins as the folder's own does.
    await symlink(join(folder, 'local-too'), join(localDir, 'beside'))
    expect(await codeOf('link')).toBe('outside_local_dir')
    expect(await codeOf('up/outside')).toBe('outside_local_dir')
    expect(await codeOf('beside/outside')).toBe('outside_local_dir')
  })

  test('even by a tier that is asked without the checks of the client', async () => {
    const question = { key: '', reference: '../outside', parsed: { id: 'x' }, mode: undefined }
    const found = createLocalTier(localDir, createEvents()).find(question)
    await expect(found).rejects.toMatchObject({ code: 'outside_local_dir' })
  })

  test('a link that stays inside is followed, and the folder itself may be a link', async () => {
    await put('local/..data/mounted.txt', 'mounted')
    await symlink('..data/mounted.txt', join(localDir, 'mounted.txt'))
    await symlink(localDir, join(folder, 'linked'))
    expect(await reader.get('mounted')).toBe('mounted')
    const throughLink = new PromptRegistryClient({ localDir: join(folder, 'linked'), env: {} })
    expect(await throughLink.get('mounted')).toBe('mounted')
  })
})

describe('what is not a prompt', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['not UTF-8', new Uint8Array([0x61, 0xff, 0x62]), 'not_text'],
    ['cut within a character', new Uint8Array([0xc3]), 'not_text'],
    ['empty', '', 'not_text'],
    ['larger than a prompt file can be', 'x'.repeat(296 * 1024 + 1), 'too_large'],
  ])('is not served: %s', async (_what, content, code) => {
    await put('local/bad.txt', content)
    expect(await codeOf('bad')).toBe(code)
  })

  test('is not served: a folder, a pipe', async () => {
    await mkdir(join(localDir, 'folder.txt'))
    await promisify(execFile)('mkfifo', [join(localDir, 'pipe.txt')])
    expect(await codeOf('folder')).toBe('not_a_file')
    expect(await codeOf('pipe')).toBe('not_a_file')
  })

  test('a text of the largest size is served', async () => {
    await put('local/large.txt', 'x'.repeat(256 * 1024))
    expect((await reader.get('large')).length).toBe(256 * 1024)
  })

  test('a folder that is not there and a name too long for the disk are no file', async () => {
    const nowhere = new PromptRegistryClient({ localDir: join(folder, 'nowhere'), env: {} })
    await expect(nowhere.get('a')).rejects.toMatchObject({ attempts: [{ code: 'no_file' }] })
    expect(await codeOf(`${'n'.repeat(200)}@${'1'.repeat(128)}`)).toBe('no_file')
  })
})

function isReference(text: string): boolean {
  try {
    parseReference(`p/${text}`)
    return true
  } catch {
    return false
  }
}
