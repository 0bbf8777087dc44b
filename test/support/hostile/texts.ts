import type { HostileCase } from './hostile-case.ts'
import { aliases } from './layouts.ts'
import { names, promptFiles } from './writer.ts'

const KIB = 1024
const MOST_FRONT_MATTER = 40 * KIB
const MOST_CONTENT = 256 * KIB

const matter = (yaml: string) => `---\n${yaml}\n---\ncontent\n`
const quarantined = ['quarantined']

/** One prompt with this text, or so many of them that differ in a line at their end. */
const text = (
  name: string,
  content: string | Uint8Array,
  finds: readonly string[],
  count = 1,
): HostileCase => ({
  name: `${count === 1 ? 'a prompt' : `${count} prompts`} with ${name}`,
  make: ({ files }) =>
    files(
      promptFiles(count, (index) => (typeof content === 'string' ? `${content}${index}\n` : content)).map(
        ([path, bytes]) => [path.replace('.txt', '.md'), bytes] as const,
      ),
    ),
  finds,
})

const keys = (count: number) => names(count, 'k').map((name) => `${name}: 1`)
/** Repeats a piece up to so many bytes. */
const full = (piece: string, bytes: number) => piece.repeat(Math.floor(bytes / Buffer.byteLength(piece)))

export const textCases: readonly HostileCase[] = [
  text(
    '40,000 keys in 198 KB of front matter',
    matter(
      names(40_000, 'k')
        .map((k) => `${k.slice(-4)}:`)
        .join('\n'),
    ),
    quarantined,
  ),
  text('as many keys as front matter may have', matter(keys(3600).join('\n')), quarantined, 20),
  text(
    'the same key 3,600 times',
    matter(Array(3600).fill('k: 1').join('\n')),
    ['front_matter_repaired'],
    20,
  ),
  text('aliases that multiply', matter(aliases(9)), quarantined),
  text('aliases that multiply to 40 KB', matter(aliases(4)), quarantined),
  text(
    'as many brackets as front matter may have',
    matter(`a: ${full('[', MOST_FRONT_MATTER - 20)}`),
    quarantined,
    50,
  ),
  text('as many mappings in each other', matter(full('{a: ', MOST_FRONT_MATTER - 20)), quarantined, 50),
  text('as many explicit keys', matter(full('? ', MOST_FRONT_MATTER - 20)), quarantined, 50),
  text(
    'as many sequences in each other',
    matter(`a:\n ${full('- ', MOST_FRONT_MATTER - 20)}`),
    quarantined,
    50,
  ),
  text('one line of 40 KB', matter(`a: ${'x'.repeat(MOST_FRONT_MATTER - 30)}`), quarantined, 50),
  text('quotes that are not closed', matter(`a: "${'\\"'.repeat(15_000)}`), quarantined, 50),
  text(
    '3,600 values that YAML rejects',
    matter(
      names(2500, 'k')
        .map((k) => `${k}: a: b`)
        .join('\n'),
    ),
    quarantined,
    20,
  ),
  text('colons alone', matter(full(': ', MOST_FRONT_MATTER - 20)), [], 20),
  text('percent signs', matter(full('%a ', MOST_FRONT_MATTER - 20)), [], 20),
  text('tags of 3,000 entries', matter(`tags: [${names(3000, 't').join(', ')}]`), quarantined),
  text('a description of 30 KB', matter(`description: ${'x'.repeat(30_000)}`), quarantined),
  text(
    'a config of 30 KB',
    matter(
      names(1500, 'k')
        .map((k) => `${k}: abcdefgh`)
        .join('\n'),
    ),
    quarantined,
  ),
  text('a key that sets the prototype', matter('__proto__: { polluted: true }'), quarantined),
  text('a lone surrogate as an escape', matter('description: "\\ud800"'), quarantined),
  text('a NUL character as an escape', matter('description: "\\0"'), quarantined),
  text('front matter that never ends', `---\n${full('a: b\n', MOST_CONTENT)}`, quarantined, 10),
  text('20,000 lines of ---', full('---\n', 80_000), [], 10),
  text('a NUL character', Buffer.from('a\0b'), quarantined),
  text('bytes that are not UTF-8', Buffer.from([0x61, 0xff, 0xfe]), quarantined),
  text(
    'bytes that are cut UTF-8',
    Buffer.concat([Buffer.alloc(200_000, 0x61), Buffer.from([0xf0, 0x9f])]),
    quarantined,
  ),
  text('nothing in it', Buffer.alloc(0), quarantined, 1000),
  text('one byte too many', Buffer.alloc(MOST_CONTENT + MOST_FRONT_MATTER + 1, 0x61), quarantined),
  text('100 MB', Buffer.alloc(100 * KIB * KIB, 0x61), quarantined),
  text(
    'a pointer of LFS',
    'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n',
    quarantined,
  ),
  text('256 KiB of zero-width spaces', full('\u200B', MOST_CONTENT - 10), ['unsafe_text'], 10),
  text('a zero-width space after each letter', full('a\u200B', MOST_CONTENT - 10), ['unsafe_text'], 10),
  text('256 KiB of flags that are cut', full('\u{1F3F4}\u{E0067}', MOST_CONTENT - 10), ['unsafe_text'], 10),
  text('256 KiB of joiners', full('🙂\u200D', MOST_CONTENT - 10), ['unsafe_text'], 10),
  text('256 KiB of combining characters', full('\u0301', MOST_CONTENT - 10), [], 10),
  ...[
    'ghs_1_a.',
    'SG.a._',
    'xoxb-a-',
    'https://a:b@c.',
    'mongodb://a:b@h?',
    '-----BEGIN PRIVATE KEY-----',
    'aws_secret_access_key = ',
    'AKIA',
    'eyJhbGciOi.',
    'sk-ant-api03-',
  ].map((piece) => anything(`256 KiB of ${piece}`, full(piece, MOST_CONTENT - 10))),
  text(
    '4,000 private keys',
    full('-----BEGIN PRIVATE KEY-----\nMIIEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n', MOST_CONTENT - 10),
    ['unsafe_text'],
    10,
  ),
  text('a control sequence of a terminal', '\u001b]0;owned\u0007 \u001b[2J', []),
]

/** What it finds is for the detector to decide. */
function anything(name: string, content: string): HostileCase {
  return { ...text(name, content, [], 10), finds: ['?'] }
}
