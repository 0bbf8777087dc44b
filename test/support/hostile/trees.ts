import type { HostileCase } from './hostile-case.ts'
import { commitPrompts, directory, type Entry, file, names, nested, type Writer } from './writer.ts'

/** A directory of prompts with these entries, and a good prompt. */
const prompts =
  (entries: (writer: Writer) => Promise<readonly Entry[]>) =>
  async (writer: Writer): Promise<void> => {
    const good = file('good.txt', await writer.blob('good'))
    await commitPrompts(writer, await writer.tree([good, ...(await entries(writer))]))
  }

/** A root with these entries beside `prompts/good.txt`. */
const beside =
  (entries: (writer: Writer) => Promise<readonly Entry[]>) =>
  async (writer: Writer): Promise<void> => {
    const good = await writer.tree([file('good.txt', await writer.blob('good'))])
    await writer.commit(await writer.tree([directory('prompts', good), ...(await entries(writer))]))
  }

/** A directory of these bytes, which git would not write. */
const malformed = (bytes: (blob: string) => Uint8Array) =>
  beside(async (writer) => {
    const blob = await writer.blob('x')
    return [directory('zz', await writer.object('tree', bytes(blob)))]
  })

const rawEntry = (mode: string, name: string | Uint8Array, oid: string) =>
  Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.from([0]), Buffer.from(oid, 'hex')])

const tooMany = { result: 'failed', finds: ['pass_failed'] } as const
const PROMPTS = { directories: ['prompts', 'zz'] }

export const treeCases: readonly HostileCase[] = [
  {
    name: '531,441 files in a repository of a few KB',
    make: async (writer) => await commitPrompts(writer, await nested(writer, 9, 6)),
    ...tooMany,
  },
  {
    name: 'ten billion files in a repository of a few KB',
    make: async (writer) => await commitPrompts(writer, await nested(writer, 10, 10)),
    ...tooMany,
  },
  {
    name: 'ten billion directories without a file',
    async make(writer) {
      let below = await writer.tree([])
      for (let level = 0; level < 10; level++)
        below = await writer.tree(names(10).map((one) => directory(one, below)))
      await commitPrompts(writer, below)
    },
    ...tooMany,
  },
  {
    name: 'a million files beside the directories',
    make: beside(async (writer) => {
      const blob = await writer.blob('x')
      const large = await writer.tree(names(100_000).map((name) => file(name, blob)))
      return names(10, 'other').map((name) => directory(name, large))
    }),
    finds: [],
  },
  {
    name: 'a root of 300,000 entries beside the directories',
    make: beside(async (writer) => {
      const blob = await writer.blob('x')
      return names(300_000, 'other').map((name) => file(name, blob))
    }),
    finds: [],
  },
  {
    name: '20,001 files',
    make: prompts(async (writer) => {
      const blob = await writer.blob('x')
      return names(20_000).map((name) => file(name, blob))
    }),
    ...tooMany,
  },
  {
    name: 'a path of 3,000 directories',
    make: ({ files }) => files([[`prompts/${'d/'.repeat(3000)}p.txt`, 'x']]),
    ...tooMany,
  },
  {
    name: 'a path of 1,500 directories',
    make: ({ files }) => files([[`prompts/${'d/'.repeat(1500)}p.txt`, 'x']]),
    finds: ['quarantined'],
  },
  {
    name: 'names of 4,000 characters, 20,000 times',
    make: prompts(async (writer) => {
      const blob = await writer.blob('x')
      return names(19_000).map((name) => file(`${'a'.repeat(4000)}${name}`, blob))
    }),
    ...tooMany,
  },
  {
    name: 'a name of 10 MB',
    make: prompts(async (writer) => [file('a'.repeat(10 * 1024 * 1024), await writer.blob('x'))]),
    ...tooMany,
  },
  {
    name: 'names with controls, quotes and half an escape',
    make: prompts(async (writer) => {
      const blob = await writer.blob('x')
      return [
        'a\tb.txt',
        'a\nb.txt',
        'a\u001b[2Jb.txt',
        '"a".txt',
        "a'b.txt",
        'a\\b.txt',
        '-rf.txt',
        '$(a).txt',
      ].map((name) => file(name, blob))
    }),
    finds: ['quarantined'],
  },
  {
    name: 'names that hide what they are',
    make: prompts(async (writer) => {
      const blob = await writer.blob('x')
      return ['a\u202Etxt.md', 'a\u200Bb.txt', 'a\u{E0041}.txt', 'раypal.txt'].map((name) => file(name, blob))
    }),
    finds: ['quarantined'],
  },
  {
    name: 'names that are not UTF-8',
    make: prompts(async (writer) => {
      const blob = await writer.blob('x')
      const bytes = rawEntry('100644', Buffer.from([0x61, 0xff, 0xfe, 0x2e, 0x74, 0x78, 0x74]), blob)
      return [directory('odd', await writer.object('tree', bytes))]
    }),
    finds: ['quarantined'],
  },
  {
    name: 'names that leave their directory',
    make: prompts(async (writer) => {
      const blob = await writer.blob('x')
      const bytes = ['..', '.', '.git', '../../etc/passwd.txt', 'a/b.txt'].map((name) =>
        rawEntry('100644', name, blob),
      )
      return [directory('odd', await writer.object('tree', Buffer.concat(bytes)))]
    }),
    finds: ['quarantined'],
  },
  {
    name: 'a name that is there twice',
    make: prompts(async (writer) => {
      const [one, two] = [await writer.blob('1'), await writer.blob('2')]
      const bytes = [rawEntry('100644', 'a.txt', one), rawEntry('100644', 'a.txt', two)]
      return [directory('odd', await writer.object('tree', Buffer.concat(bytes)))]
    }),
    finds: ['quarantined'],
  },
  {
    name: 'a file without a name',
    make: prompts(async (writer) => {
      const bytes = rawEntry('100644', '', await writer.blob('x'))
      return [directory('odd', await writer.object('tree', bytes))]
    }),
    result: 'failed',
    finds: ['pass_failed'],
  },
  {
    name: 'a directory that is text',
    make: malformed(() => Buffer.from('this is not a directory, whatever git believes')),
    source: PROMPTS,
    result: 'failed',
    finds: ['pass_failed'],
  },
  {
    name: 'a directory that is cut',
    make: malformed((blob) => rawEntry('100644', 'a.txt', blob).subarray(0, 20)),
    source: PROMPTS,
    result: 'failed',
    finds: ['pass_failed'],
  },
  {
    name: 'a directory of zeros',
    make: malformed(() => Buffer.alloc(10_000)),
    source: PROMPTS,
    result: 'failed',
    finds: ['pass_failed'],
  },
  {
    name: 'a directory that is a file',
    async make(writer) {
      const good = await writer.tree([file('good.txt', await writer.blob('good'))])
      const entries = [rawEntry('40000', 'prompts', good), rawEntry('40000', 'zz', await writer.blob('text'))]
      await writer.commit(await writer.object('tree', Buffer.concat(entries)))
    },
    source: PROMPTS,
    result: 'failed',
    finds: ['pass_failed'],
  },
  {
    name: 'a directory that is not there',
    make: beside(async () => [{ name: 'zz', mode: '040000', oid: '1'.repeat(40) }]),
    source: PROMPTS,
    result: 'failed',
    finds: ['pass_failed'],
  },
  {
    name: 'a file that is not there',
    make: prompts(async () => [file('a.txt', '1'.repeat(40))]),
    result: 'failed',
    finds: ['pass_failed'],
  },
  {
    name: 'modes that there are not',
    make: prompts(async (writer) => {
      const blob = await writer.blob('x')
      const bytes = ['1', '777777', '99999999999999', '0'].map((mode, index) =>
        rawEntry(mode, `a${index}.txt`, blob),
      )
      return [directory('odd', await writer.object('tree', Buffer.concat(bytes)))]
    }),
    result: 'failed',
    finds: ['pass_failed'],
  },
  {
    name: '1,000 submodules',
    make: prompts(async () =>
      names(1000, 's').map((name) => ({ name: `${name}.txt`, mode: '160000', oid: '2'.repeat(40) })),
    ),
    finds: ['quarantined'],
  },
  {
    name: '1,000 links to the files of the machine',
    make: prompts(async (writer) => {
      const oid = await writer.blob('/etc/passwd')
      return names(1000, 'l').map((name) => ({ name: `${name}.txt`, mode: '120000', oid }))
    }),
    finds: ['quarantined'],
  },
  {
    name: 'links that point at each other',
    make: prompts(async (writer) => [
      { name: 'a.txt', mode: '120000', oid: await writer.blob('b.txt') },
      { name: 'b.txt', mode: '120000', oid: await writer.blob('a.txt') },
    ]),
    finds: ['quarantined'],
  },
  {
    name: 'its directory as a link to the root of the machine',
    make: async (writer) =>
      await writer.commit(
        await writer.tree([{ name: 'prompts', mode: '120000', oid: await writer.blob('/') }]),
      ),
    finds: ['nothing_found'],
  },
  {
    name: 'its directory as a submodule',
    make: async (writer) =>
      await writer.commit(await writer.tree([{ name: 'prompts', mode: '160000', oid: '2'.repeat(40) }])),
    finds: ['nothing_found'],
  },
  {
    name: 'nothing at all',
    make: async (writer) => await writer.commit(await writer.tree([])),
    finds: ['nothing_found'],
  },
]
