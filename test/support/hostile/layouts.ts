import type { HostileCase } from './hostile-case.ts'
import { commitPrompts, directory, file, names, promptFiles, type Writer } from './writer.ts'

const LAYOUT = '.promptctl.yaml'
const NAMES = Array.from({ length: 16 }, (_, index) => `prompts/${'a'.repeat(45 + index)}`)

/** A layout beside files with long names of `a`, and one good prompt. */
const layout =
  (text: string | Uint8Array) =>
  async ({ files }: Writer) =>
    await files([[LAYOUT, text], ['prompts/good.txt', 'good'], ...NAMES.map((name) => [name, 'x'] as const)])

const patterns = (key: 'include' | 'exclude', ...list: string[]) => `${key}: ${JSON.stringify(list)}\n`
const invalid = (name: string, text: string | Uint8Array): HostileCase => ({
  name: `a layout with ${name}`,
  make: layout(text),
  finds: ['layout_invalid'],
})
/** Nothing is wrong with it, and it takes none of the files. */
const useless = (name: string, text: string): HostileCase => ({
  name: `a layout with ${name}`,
  make: layout(text),
  finds: ['nothing_found'],
})

const longNames = (count: number, length: number) =>
  names(count, '').map((name) => [`prompts/${'a'.repeat(length)}${name}`, 'x'] as const)

export const layoutCases: readonly HostileCase[] = [
  invalid('a group that repeats a group', patterns('include', '(a+)+b')),
  invalid('an extended glob of stars', patterns('include', '+(*)b')),
  invalid('an extended glob of a letter', patterns('include', '+(a*)b')),
  invalid('alternatives that overlap', patterns('include', '@(a|aa)+(a|aa)b')),
  invalid('a negated group', patterns('exclude', '!(a*)*b')),
  useless('ten stars', patterns('include', `**/${'*a'.repeat(10)}*b`)),
  useless('a hundred stars', patterns('include', `${'*a'.repeat(100)}b`)),
  useless('a hundred stars after question marks', patterns('include', `${'?*'.repeat(100)}b`)),
  useless('a hundred globstars', patterns('include', `${'**/'.repeat(100)}b`)),
  useless('sets of many ranges', patterns('include', `${`[${'a-z'.repeat(50)}]*`.repeat(3)}Z`)),
  useless('stars between fifty letters', patterns('include', `${`*${'a'.repeat(50)}`.repeat(5)}b`)),
  {
    name: 'a layout that excludes by a hundred stars',
    make: layout(patterns('exclude', `${'*a'.repeat(100)}b`)),
    finds: [],
  },
  invalid('braces that multiply', patterns('include', `${'{a,b}'.repeat(20)}c`)),
  useless('braces in braces', patterns('include', `${'{a,'.repeat(100)}b${'}'.repeat(100)}`)),
  invalid('a range of numbers', patterns('include', '{1..1000000}')),
  invalid('a set that is not closed', patterns('include', '[a')),
  invalid('a pattern of 600 characters', patterns('include', 'a'.repeat(600))),
  invalid('a pattern that ends with a backslash', patterns('include', 'a\\')),
  invalid('a thousand patterns', patterns('include', ...names(1000))),
  {
    name: 'a layout with many patterns beside 20,000 long names',
    alone: true,
    async make({ files }) {
      const list = Array.from({ length: 8 }, (_, index) => `*${'a'.repeat(480)}${index}b`)
      await files([
        [LAYOUT, patterns('include', ...list)],
        ['prompts/good.txt', 'good'],
        ...longNames(19_900, 240),
      ])
    },
    finds: ['layout_invalid'],
  },
  {
    name: 'a layout with many patterns for long paths',
    async make({ files }) {
      const list = Array.from({ length: 20 }, (_, index) => `**/${'*a'.repeat(40)}${index}b`)
      const path = (name: string) => `prompts/${`${'a'.repeat(100)}/`.repeat(8)}${name}`
      await files([
        [LAYOUT, patterns('include', ...list)],
        ['prompts/good.txt', 'good'],
        ...names(5000, 'a').map((name) => [path(name), 'x'] as const),
      ])
    },
    finds: ['layout_invalid'],
  },
  invalid('a directory of 60 KB', `directories: ["${'a/'.repeat(30_000)}b"]\n`),
  invalid('101 directories', `directories: ${JSON.stringify(names(101))}\n`),
  invalid('a directory above the root', 'directories: ["../../etc"]\n'),
  invalid('an absolute directory', 'directories: ["/etc"]\n'),
  {
    name: 'a layout with directories that every object has',
    make: layout('directories: [__proto__, constructor, toString]\n'),
    finds: ['nothing_found'],
  },
  invalid('60,000 brackets', `include: ${'['.repeat(60_000)}`),
  invalid('15,000 mappings in each other', `a: ${'{a: '.repeat(15_000)}`),
  invalid('30,000 sequences in each other', `${'- '.repeat(30_000)}a`),
  invalid('30,000 explicit keys in each other', '? '.repeat(30_000)),
  invalid('aliases that multiply', aliases(9)),
  invalid('merge keys that multiply', mergeKeys(20)),
  invalid('an alias within its own value', 'include: &a [*a]\n'),
  invalid('an alias of nothing', 'include: *nothing\n'),
  invalid('a key that is there twice', 'include: ["a"]\ninclude: ["b"]\n'),
  invalid('a key that sets the prototype', '__proto__: { include: ["**"] }\n'),
  invalid('a tag that makes a function', 'include: !!js/function "function(){}"\n'),
  invalid('ten documents', '--- {}\n'.repeat(10)),
  invalid('a number of 60,000 digits', `frontMatter: ${'9'.repeat(60_000)}\n`),
  invalid('bytes that are not UTF-8', Buffer.from([0x69, 0x6e, 0xff, 0xfe, 0x00])),
  invalid('more than 64 KiB', `# ${'x'.repeat(64 * 1024)}\n`),
  invalid('100 MB', Buffer.alloc(100 * 1024 * 1024, 0x23)),
  {
    name: 'a layout with words for 2,000 prompts that there are not',
    make: layout(
      `prompts: { ${names(2000)
        .map((name) => `${name}: { tags: [t] }`)
        .join(', ')} }\n`,
    ),
    finds: ['unknown_name'],
  },
  {
    name: 'a layout with words for names that every object has',
    make: layout('prompts: { constructor: { tags: [t] }, toString: { tags: [t] } }\n'),
    finds: ['unknown_name'],
  },
  {
    name: 'a layout that is a link to a file of the machine',
    async make(writer) {
      const link = { name: LAYOUT, mode: '120000' as const, oid: await writer.blob('/etc/passwd') }
      const prompts = await writer.tree([file('good.txt', await writer.blob('good'))])
      await writer.commit(await writer.tree([link, directory('prompts', prompts)]))
    },
    finds: ['layout_invalid'],
  },
  {
    name: 'a layout that is a directory',
    async make(writer) {
      const prompts = await writer.tree([file('good.txt', await writer.blob('good'))])
      await writer.commit(await writer.tree([directory(LAYOUT, prompts), directory('prompts', prompts)]))
    },
    finds: [],
  },
  {
    name: '60 release tags, each with a large layout of its own',
    alone: true,
    async make(writer) {
      const words = names(600)
      for (let index = 0; index < 60; index++) {
        const text = words.map((name) => `${name}: { tags: [t${index}] }`).join(', ')
        await writer.files([
          [LAYOUT, `prompts: { ${text} }\n`],
          [`prompts/p${index}.txt`, `${index}`],
        ])
        await writer.tag(`v1.0.${index}`)
      }
    },
    source: { requireReachable: false },
    finds: ['unknown_name'],
  },
  {
    name: '20,000 names with joiners in them',
    alone: true,
    async make(writer) {
      const blob = await writer.blob('x')
      const all = names(19_990).map((name) => file(`${name}\u200D.txt`, blob))
      await commitPrompts(writer, await writer.tree(all))
    },
    finds: ['quarantined'],
  },
  {
    name: '2,000 names that differ in case alone',
    async make({ files }) {
      const spelled = (index: number) =>
        [...'abcdefghijk'].map((one, bit) => (index & (1 << bit) ? one.toUpperCase() : one)).join('')
      await files(Array.from({ length: 2000 }, (_, index) => [`prompts/${spelled(index)}.txt`, 'x'] as const))
    },
    finds: ['quarantined'],
  },
  {
    name: '2,000 files of one id',
    async make({ files }) {
      await files(names(2000, 'md').map((end) => [`prompts/p.${end}`, 'x'] as const))
    },
    source: { include: ['**'] },
    finds: ['quarantined'],
  },
  {
    name: 'prompts with the names of what every object has',
    make: ({ files }) =>
      files(
        ['constructor', 'hasOwnProperty', 'toString', 'valueOf'].map(
          (name) => [`prompts/${name}.txt`, name] as const,
        ),
      ),
    finds: [],
  },
  {
    name: '15,000 good prompts at once',
    alone: true,
    make: ({ files }) => files(promptFiles(15_000, (index) => `prompt ${index}`)),
    finds: [],
  },
]

/** `count` anchors, each nine times the one before. */
export function aliases(count: number): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const inner = index === 0 ? 'x' : `*a${index - 1}`
    return `a${index}: &a${index} [${Array(9).fill(inner).join(', ')}]`
  })
  return `${lines.join('\n')}\n`
}

function mergeKeys(count: number): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const inner = index === 0 ? 'x: 1' : `<<: [*a${index - 1}, *a${index - 1}], k${index}: *a${index - 1}`
    return `a${index}: &a${index} { ${inner} }`
  })
  return `${lines.join('\n')}\n`
}
