import { expect } from 'vitest'
import { scriptedPrompt } from '../../support/registry-records.ts'
import { commitAll, type PromptStoreCase, pages } from './harness.ts'

const TEXTS: Readonly<Record<string, string>> = {
  'with Windows line ends': 'one\r\ntwo\r\n',
  'with lone carriage returns': 'one\rtwo\r\r\n',
  'with a byte order mark': '\uFEFFone',
  'with byte order marks inside and at the end': 'one\uFEFFtwo\uFEFF',
  'with the replacement character': 'one \uFFFD two',
  'with characters beyond 16 bits': 'a 😀 b 𝒳 c \u{10FFFF}',
  'with composed and decomposed letters': 'é e\u0301 Å A\u030A \u212B',
  'with control characters': '\u0001\u0007\u001B[0m\u007F\u0085\u2028\u2029',
  'that is white space': ' \t\n \u00A0\u3000 ',
  'that ends without a line end': 'one\ntwo',
  'that ends with many': 'one\n\n\n',
  'that looks like SQL': `'; DROP TABLE prompts; --"\\`,
  'that looks like JSON': '{"a": "\\u0000", "b": null}',
  'of one character': 'x',
}

export const snapshots: readonly PromptStoreCase[] = [
  {
    name: 'finds nothing where no prompt is',
    async run({ prompts }) {
      expect(await prompts.snapshot('nobody')).toBeUndefined()
      const found = await prompts.find('nobody', { names: ['1.0.0'], identities: ['x'], contents: ['y'] })
      expect({ ...found, byName: [...found.byName], byIdentity: [...found.byIdentity] }).toEqual({
        byName: [],
        byIdentity: [],
        sameContent: [],
      })
      expect(await pages(prompts, { of: 'prompts', limit: 10 })).toEqual([])
      expect(await pages(prompts, { of: 'versions', promptId: 'nobody', limit: 10 })).toEqual([])
      expect(await pages(prompts, { of: 'events', promptId: 'nobody', limit: 10 })).toEqual([])
      expect(await pages(prompts, { of: 'releases', promptId: 'nobody', from: null, limit: 10 })).toEqual([])
    },
  },
  {
    name: 'gives a head back as it was committed, every field of it',
    async run({ prompts }) {
      const script = scriptedPrompt('team/triage')
      const first = script.push('one')
      await commitAll(prompts, first)
      const label = first.head.latest ?? ''
      const { identity, payloadSha256 } = script.version(label)
      const since = '2026-02-01T00:00:00.000Z'
      await commitAll(
        prompts,
        script.amend({
          head: {
            stableBy: 'revocation',
            withdrawn: label,
            latest: null,
            latestBy: 'person',
            owner: 'support',
            hold: {
              kind: 'until_release',
              since,
              actor: 'Ünal',
              reason: 'a "reason"\n',
              rolledBackFrom: label,
              above: '1.2.3',
            },
            rolledBack: [{ version: label, payloadSha256 }],
            highest: { release: '1.2.3-rc.1+b.5', version: label, identity },
            fences: { support: 7, 'other.git': 12 },
            updatedAt: since,
          },
          events: ['held', 'release_raised'],
        }),
      )
      expect(await prompts.snapshot('team/triage')).toEqual({
        head: script.head(),
        stable: null,
        latest: null,
      })
    },
  },
  {
    name: 'gives a version back as it was committed, every field of it',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      const change = script.push('one', {
        version: '1.0.0-rc.1+b',
        status: 'stable',
        fileSha256: 'f'.repeat(64),
        format: 'dotprompt',
        additions: { description: 'added', tags: ['x'] },
        sidecars: { main: 'skprompt.txt', texts: { 'config.json': '{"a": "é"}\r\n' } },
        manifest: { sha256: 'e'.repeat(64), count: 3, bytes: 1234 },
        variables: ['name', { name: 'tone', default: 'kurz 😀' }],
        config: { model: 'm', temperature: 0.1, stop: [null, true, '\r\n'], deep: { a: { b: [] } } },
        description: 'é "quoted"\r\n\uFEFF',
        tags: ['b', 'a', 'a b', 'ß'],
        aliases: ['2.0.0', 'x'],
        origin: { source: 'git', repository: 'r', commit: 'c', path: 'p.txt', author: 'Zoë' },
        release: '2.0.0',
        waiting: ['2.1.0', '3.0.0'],
        revokedScope: 'version',
        promotedOver: 'before',
        updatedAt: '2026-03-01T00:00:00.000Z',
        releasedAt: '2026-02-01T00:00:00.000Z',
      })
      const { version: label } = script.version('1.0.0-rc.1+b')
      const head = { ...change.head, stable: label }
      await commitAll(prompts, { ...change, head })
      const version = script.version(label)
      expect(await prompts.snapshot('p')).toEqual({ head, stable: version, latest: version })
    },
  },
  {
    name: 'gives both the stable and the latest version where they differ',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      const one = script.push('one')
      const stable = one.head.latest ?? ''
      const changes = [one, script.promote(stable), script.push('two')]
      await commitAll(prompts, ...changes)
      const latest = script.head().latest ?? ''
      expect(await prompts.snapshot('p')).toEqual({
        head: script.head(),
        stable: script.version(stable),
        latest: script.version(latest),
      })
    },
  },
  {
    name: 'finds a prompt by an id that differs by case, and says how it is written',
    async run({ prompts }) {
      const script = scriptedPrompt('Team/Triage')
      await commitAll(prompts, script.push('one'))
      const key = script.head().latest ?? ''
      for (const id of ['Team/Triage', 'team/triage', 'TEAM/TRIAGE']) {
        const snapshot = await prompts.snapshot(id)
        expect(snapshot?.head.promptId, id).toBe('Team/Triage')
        expect((await prompts.find(id, { names: [key] })).byName.get(key), id).toEqual(script.version(key))
        expect(await pages(prompts, { of: 'versions', promptId: id, limit: 5 }), id).toHaveLength(1)
        expect(await pages(prompts, { of: 'events', promptId: id, limit: 5 }), id).toHaveLength(1)
      }
      expect(await prompts.snapshot('team-triage')).toBeUndefined()
    },
  },
  {
    name: 'keeps every text byte for byte',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      for (const text of Object.values(TEXTS)) await commitAll(prompts, script.push(text))
      const versions = await pages(prompts, { of: 'versions', promptId: 'p', limit: 1000 })
      const read = await Promise.all(versions.map((version) => prompts.content('p', version)))
      expect(read.reverse()).toEqual(Object.values(TEXTS))
    },
  },
  {
    name: 'keeps a text of the largest size',
    async run({ prompts }) {
      const text = '😀'.repeat((256 * 1024) / 4)
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push(text))
      const snapshot = await prompts.snapshot('p')
      if (snapshot?.latest == null) throw new Error('no latest version')
      expect((await prompts.content('p', snapshot.latest)) === text).toBe(true)
    },
  },
  {
    name: 'keeps the text before the content of each file, byte for byte',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      const most = '#'.repeat(40 * 1024)
      const texts = ['\uFEFF---\r\ntags: a, b\r\n---\r\n', '---\n---\n', most, '']
      for (const [index, frontMatter] of texts.entries())
        await commitAll(prompts, script.push(`text ${index}`, { version: `v${index}`, frontMatter }))
      await commitAll(prompts, script.push('no file', { version: 'bare' }))
      const other = scriptedPrompt('q')
      await commitAll(prompts, other.push('text', { version: 'v0', frontMatter: 'other' }))
      const labels = [...texts.keys()].map((index) => `v${index}`)
      const read = await Promise.all(
        [...labels, 'bare'].map((label) => prompts.frontMatter('p', script.version(label))),
      )
      expect(read).toEqual([...texts, ''])
      expect(await prompts.frontMatter('q', other.version('v0'))).toBe('other')
    },
  },
  {
    name: 'keeps the texts of prompts and labels apart',
    async run({ prompts }) {
      const [a, b] = [scriptedPrompt('a'), scriptedPrompt('b')]
      await commitAll(
        prompts,
        a.push('text of a', { version: '1.0.0' }),
        b.push('text of b', { version: '1.0.0' }),
      )
      await commitAll(prompts, b.push('text of a', { version: '2.0.0' }))
      expect(await prompts.content('a', a.version('1.0.0'))).toBe('text of a')
      expect(await prompts.content('b', b.version('1.0.0'))).toBe('text of b')
      expect(await prompts.content('b', b.version('2.0.0'))).toBe('text of a')
    },
  },
]
