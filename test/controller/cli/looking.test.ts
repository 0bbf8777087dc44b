import { describe, expect, test } from 'vitest'
import type { BatchOperation } from '../../../api/contract/registry-api.ts'
import { identityLabel, sha256 } from '../../../api/contract/version.ts'
import { makeCli, sharedCli, words } from './cli-under-test.ts'

/** What a version is called that was pushed without a label. */
const label = (text: string) => identityLabel(sha256(text))

describe('get', () => {
  const TEXTS: readonly (readonly [name: string, text: string])[] = [
    ['CRLF', 'You sort.\r\n\r\nNow.\r\n'],
    ['no line break at the end', 'You sort.'],
    ['characters beyond the first plane', 'Sort 🗂️ 𝕋ickets\n'],
    ['a byte order mark', '\uFEFFYou sort.\n'],
    ['white space alone', ' \n\t\n'],
    ['escape sequences', '\u001b[31mred\u001b[0m\n'],
    ['three dashes that are no front matter', '---\nYou sort.\n'],
  ]

  test.for(TEXTS)('prints a text with %s byte for byte', async ([, text]) => {
    const { run } = await makeCli()
    expect((await run(['push', 'a'], { stdin: text })).code).toBe(0)
    const { code, bytes, err } = await run(['get', 'a', '--mode', 'dev'])
    expect([code, err]).toEqual([0, ''])
    expect(bytes.equals(Buffer.from(text))).toBe(true)
  })

  test('ends the line on a terminal if the text does not', async () => {
    const { run, withApi } = await makeCli()
    await withApi(async (api) => {
      await api.push({ prompt_id: 'a', content: 'You sort.' })
      await api.push({ prompt_id: 'b', content: 'You sort.\n' })
    })
    const print = async (id: string) => (await run(['get', id, '--mode', 'dev'], { terminal: true })).out
    expect([await print('a'), await print('b')]).toEqual(['You sort.\n', 'You sort.\n'])
  })

  const HOSTILE = 'Sort \u001b[2J\u202email\u{E0041}.\n\tThanks \u{1F468}\u200D\u{1F469}\n'

  test('shows what a terminal would obey or hide by its code points, and writes it with --raw', async () => {
    const { run } = await makeCli()
    await run(['push', 'a', '--allow-unsafe-text'], { stdin: HOSTILE })
    const get = async (...more: string[]) =>
      (await run(['get', 'a', '--mode', 'dev', ...more], { terminal: true })).out
    expect(await get()).toBe('Sort ⟨U+001B⟩[2J⟨U+202E⟩mail⟨U+E0041⟩.\n\tThanks \u{1F468}\u200D\u{1F469}\n')
    expect(await get('--raw')).toBe(HOSTILE)
    expect((await run(['get', 'a', '--mode', 'dev'])).out).toBe(HOSTILE)
  })

  test('prints JSON that a terminal neither obeys nor hides, and that means the same', async () => {
    const { run, withApi } = await makeCli()
    const content = 'a\u009b2J\u202e\u{E0041}\u2028b'
    await withApi((api) => api.push({ prompt_id: 'a', content }))
    const { out, json } = await run(words('get a --mode dev -o json'), { terminal: true })
    expect(json()).toMatchObject({ content })
    expect(out).toContain('a\\u009b2J\\u202e\\udb40\\udc41\\u2028b')
  })

  test('--file prints the whole file, byte for byte', async () => {
    const { run, withApi } = await makeCli()
    const front_matter = '---\ndescription: sorts\n---\n'
    await withApi(async (api) => {
      await api.push({ prompt_id: 'a', content: 'You sort.', front_matter })
      await api.push({ prompt_id: 'b', content: 'no front matter', front_matter: '' })
      await api.push({ prompt_id: 'c', content: 'no file' })
    })
    const get = (id: string) => run(['get', id, '--mode', 'dev', '--file'])
    expect((await get('a')).out).toBe(`${front_matter}You sort.`)
    expect((await get('b')).out).toBe('no front matter')
    expect(await get('c')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('[no_file]') })
  })

  test('asks in production, and takes a mode and a version', async () => {
    const { run, withApi } = await makeCli()
    await withApi(async (api) => {
      const { version } = await api.push({ prompt_id: 'a', content: 'old' })
      await api.promote('a', { version, alias: '1.0.0' })
      await api.promote('a', { version: (await api.push({ prompt_id: 'a', content: 'stable' })).version })
      await api.push({ prompt_id: 'a', content: 'draft', version: 'next' })
    })
    const outputs = []
    for (const line of ['get a', 'get a --mode dev', 'get a@1.0', 'get a_v1', 'get a --version 1.0.0'])
      outputs.push((await run(words(line))).out)
    expect(outputs).toEqual(['stable', 'draft', 'old', 'old', 'old'])
    expect(await run(['get', 'a', '--version', 'next'])).toMatchObject({ code: 1, out: '' })
    expect((await run(['get', 'a@next'])).err).toMatch(/is a draft, .+ \[not_released\]\n$/)
    expect((await run(['get', 'nosuch'])).err).toBe(
      'error: Prompt "nosuch" was not found; check the id, or list the prompts. [not_found]\n',
    )
  })

  test('-o json is the document of the API', async () => {
    const { run, withApi } = await makeCli()
    const document = await withApi(async (api) => {
      await api.push({ prompt_id: 'a', content: 'text', tags: ['x'] })
      return await api.resolve('a', { mode: 'dev' })
    })
    expect((await run(words('get a --mode dev -o json'))).json()).toEqual(document)
  })
})

describe('the tables', () => {
  const table = async (line: string) =>
    (await shared().run(words(line))).out
      .trimEnd()
      .split('\n')
      .map((row) => row.split(/ {2,}/))

  const shared = sharedCli(async (cli) => {
    await cli.withApi(async (api) => {
      await api.push({ prompt_id: 'draft', content: 'text', description: 'a\u001b[2J\nb\u202ec' })
      const origin = { source: 'support', commit: 'abcdef0123456789abcdef0123456789abcdef01' }
      for (const release of ['1.0.0', '1.1.0']) {
        const { version } = await api.push({ prompt_id: 'support/triage', content: release, origin })
        await api.promote('support/triage', { version, alias: release, source: 'support', reason: 'tag' })
      }
      await api.rollback('support/triage', { reason: 'too chatty' })
    })
  })

  test('list has a row for each prompt, with the control characters of others made visible', async () => {
    const [heading, ...rows] = await table('list')
    expect(heading).toEqual(
      words('PROMPT RELEASE STABLE HIGHEST LATEST SOURCE HOLD').concat('UPDATED (UTC)', 'DESCRIPTION'),
    )
    expect(rows.map((row) => row.slice(0, 7))).toEqual([
      ['draft', '-', '-', '-', expect.stringMatching(/^[0-9a-f]{12} \(draft\)$/), '-', '-'],
      [
        'support/triage',
        '1.0.0',
        `${label('1.0.0')} (rolled back)`,
        '1.1.0',
        `${label('1.1.0')} (deprecated)`,
        'support',
        'until release',
      ],
    ])
    expect(rows[0]?.at(-1)).toBe('a⟨U+001B⟩[2J b⟨U+202E⟩c')
    expect(rows[0]?.at(7)).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  })

  test('list filters by prefix, source and status', async () => {
    const ids = async (line: string) => (await table(line)).slice(1).map(([id]) => id)
    expect(await ids('list support/')).toEqual(['support/triage'])
    expect(await ids('list --source support')).toEqual(['support/triage'])
    expect(await ids('list --status draft')).toEqual(['draft'])
    expect(await shared().run(['list', 'nosuch'])).toMatchObject({
      code: 0,
      out: '',
      err: 'No prompt matches.\n',
    })
  })

  test('versions shows names, status and commit, newest first', async () => {
    const rows = (await table('versions support/triage')).slice(1)
    const told = rows.map(([names, label, status, , , commit]) => [label, status, names, commit])
    expect(told).toEqual([
      [label('1.1.0'), 'deprecated', '1.1.0', 'abcdef012345'],
      [label('1.0.0'), 'stable', '1.0.0', 'abcdef012345'],
    ])
  })

  test('events show who did what and why, newest first', async () => {
    const rows = (await table('events support/triage')).slice(1)
    const told = rows.map(([, , what, from, to, details, actor, reason]) =>
      [what, from, to, details, actor, reason].join(' | '),
    )
    expect(told.slice(0, 3)).toEqual([
      'held | - | - | kind until release | tester | too chatty',
      `rolled back | ${label('1.1.0')} | ${label('1.0.0')} | changed content | tester | too chatty`,
      `promoted | ${label('1.0.0')} | ${label('1.1.0')} | release 1.1.0, changed content | tester | tag`,
    ])
    expect(told.at(-1)).toBe('owner changed | - | support | - | tester | -')
  })

  test('an empty registry shows how to fill it', async () => {
    const empty = await makeCli()
    await empty.withApi(async () => {})
    expect(await empty.run(['list'])).toMatchObject({ code: 0, out: '' })
    expect((await empty.run(['list'])).err).toContain('Run "promptctl sync" to import them from git')
    expect((await empty.run(['sources'])).err).toBe('No source was synced yet. Run "promptctl sync".\n')
  })
})

describe('diff', () => {
  const shared = sharedCli(async (cli) => {
    await cli.withApi(async (api) => {
      await api.promote('a', {
        version: (await api.push({ prompt_id: 'a', content: 'x\ny\n' })).version,
        alias: '1',
      })
      await api.push({ prompt_id: 'a', content: 'x\nz\n', version: 'next' })
    })
  })
  const DIFF = `--- a@${label('x\ny\n')}\n+++ a@next\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n`

  test('compares stable with latest, or two versions', async () => {
    expect(await shared().run(['diff', 'a'])).toMatchObject({ code: 0, err: '', out: DIFF })
    expect((await shared().run(words('diff a 1.0.0 latest'))).out).toBe(DIFF)
    expect((await shared().run(words('diff a next 1.0.0'))).out).toContain('-z\n+y\n')
  })

  test('shows characters that are not seen by their code points', async () => {
    const { run, withApi } = await makeCli()
    await withApi(async (api) => {
      await api.push({ prompt_id: 'a', content: 'one\n', version: 'old' })
      await api.push({ prompt_id: 'a', content: 'one\u200b\u001b[1A\n', version: 'new' })
    })
    expect((await run(words('diff a old new'))).out).toContain('-one\n+one⟨U+200B⟩⟨U+001B⟩[1A\n')
  })

  test('prints nothing where the texts are equal', async () => {
    expect(await shared().run(words('diff a next next'))).toMatchObject({ code: 0, out: '', err: '' })
  })

  test('is coloured on a terminal, unless TERM or NO_COLOR turns it off', async () => {
    const plain = (await shared().run(['diff', 'a'])).out
    const run = async (env: Record<string, string>) =>
      (await shared().run(['diff', 'a'], { terminal: true, env })).out
    const coloured = await run({})
    expect(coloured).toContain('\u001b[31m-y\u001b[39m\n\u001b[32m+z\u001b[39m\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours themselves
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain)
    expect(await run({ NO_COLOR: '1' })).toBe(plain)
    expect(await run({ TERM: 'dumb' })).toBe(plain)
    expect(await run({ NO_COLOR: '' })).toBe(coloured)
  })

  test('-o json is the document of the API', async () => {
    const document = await shared().withApi((api) => api.diff('a'))
    expect((await shared().run(words('diff a -o json'), { terminal: true })).json()).toEqual(document)
  })
})

describe('pages', () => {
  const COUNT = 1050

  const shared = sharedCli(async (cli) => {
    const number = (index: number) => String(index).padStart(4, '0')
    const pushes = Array.from({ length: COUNT }, (_, index): BatchOperation[] => [
      { op: 'push', prompt_id: `p${number(index)}`, content: 'text' },
      { op: 'push', prompt_id: 'many', content: `text ${index}`, version: `n${number(index)}` },
    ])
    await cli.withApi(async (api) => {
      for (let from = 0; from < COUNT; from += 50)
        await api.batch({ operations: pushes.slice(from, from + 50).flat() })
      for (const name of ['a', 'b', 'c']) await api.recordSource(name, { expected_revision: 0, state: {} })
    })
  })

  test.for([
    ['list p', 'prompts', 'prompt_id'],
    ['versions many', 'versions', 'version'],
    ['events many', 'events', 'id'],
  ] as const)('"promptctl %s" follows all of them into one document', async ([line, rows, key]) => {
    type Page = Record<string, Record<string, string>[]> & { next_cursor: string | null }
    const all = (await shared().run(words(`${line} -o json`))).json<Page>()
    expect(all.next_cursor).toBe(null)
    expect(new Set(all[rows]?.map((row) => row[key])).size).toBe(COUNT)

    const first = (await shared().run(words(`${line} -o json --limit 1000`))).json<Page>()
    expect(first[rows]).toEqual(all[rows]?.slice(0, 1000))
    const rest = (await shared().run(words(`${line} -o json --cursor ${first.next_cursor}`))).json<Page>()
    expect(rest).toEqual({ ...all, [rows]: all[rows]?.slice(1000) })
  })

  test('a table has every row, or shows how to continue', async () => {
    const all = await shared().run(words('list p'))
    expect(all.out.trimEnd().split('\n')).toHaveLength(COUNT + 1)
    expect(all.err).toBe('')
    const page = await shared().run(words('list p --limit 2'))
    expect(page.out.trimEnd().split('\n')).toHaveLength(3)
    const [, cursor = ''] = /^There are more: add --cursor (\S+)\n$/.exec(page.err) ?? []
    const next = await shared().run(words(`list p --limit 2 --cursor ${cursor}`))
    expect(next.out).toMatch(/\np0002 .+\np0003 .+\n$/)
  })

  test('a page is the document of the API', async () => {
    const page = await shared().withApi((api) => api.versions('many', { limit: 3 }))
    expect((await shared().run(words('versions many --limit 3 -o json'))).json()).toEqual(page)
    const sources = await shared().withApi((api) => api.sources({ limit: 2 }))
    expect((await shared().run(words('sources --limit 2 -o json'))).json()).toEqual(sources)
    const all = (await shared().run(words('sources -o json'))).json<{ sources: unknown[] }>()
    expect(all.sources).toHaveLength(3)
  })
})
