import type { Snapshot } from '../../../../api/store/records.ts'
import { committing, type PromptFault, reading, showing } from './spoiling.ts'

const BYTES = 'keeps every text byte for byte'

export const reads: readonly PromptFault[] = [
  {
    name: 'keeps the text before the content without its line ends',
    caught: 'keeps the text before the content of each file, byte for byte',
    spoil: (right) => ({
      frontMatter: async (id, version) => (await right.frontMatter(id, version)).replaceAll('\r\n', '\n'),
    }),
  },
  {
    name: 'invents a prompt that is not there',
    caught: 'finds nothing where no prompt is',
    spoil: (right) => ({
      snapshot: async (id) =>
        (await right.snapshot(id)) ?? ({ head: { promptId: id }, stable: null, latest: null } as Snapshot),
    }),
  },
  {
    name: 'forgets the tokens of leases',
    caught: 'gives a head back as it was committed, every field of it',
    spoil: showing((snapshot) => ({ ...snapshot, head: { ...snapshot.head, fences: {} } })),
  },
  {
    name: 'forgets the config of versions',
    caught: 'gives a version back as it was committed, every field of it',
    spoil: showing((snapshot) => ({
      ...snapshot,
      latest: snapshot.latest && { ...snapshot.latest, config: null },
    })),
  },
  {
    name: 'sorts the tags',
    caught: 'gives a version back as it was committed, every field of it',
    spoil: committing((change) => ({
      ...change,
      versions: change.versions.map((version) => ({ ...version, tags: [...version.tags].sort() })),
    })),
  },
  {
    name: 'gives the stable version as the latest',
    caught: 'gives both the stable and the latest version where they differ',
    spoil: showing((snapshot) => ({ ...snapshot, latest: snapshot.stable ?? snapshot.latest })),
  },
  {
    name: 'finds a prompt only as it is written',
    caught: 'finds a prompt by an id that differs by case, and says how it is written',
    spoil: showing((snapshot, id) => (snapshot.head.promptId === id ? snapshot : undefined)),
  },
  {
    name: 'says that a prompt is written as it was asked for',
    caught: 'finds a prompt by an id that differs by case, and says how it is written',
    spoil: showing((snapshot, id) => ({ ...snapshot, head: { ...snapshot.head, promptId: id } })),
  },
  ...Object.entries({
    'turns Windows line ends into plain ones': (text: string) => text.replaceAll('\r\n', '\n'),
    'drops a byte order mark': (text: string) => text.replace(/^\uFEFF/, ''),
    'composes letters': (text: string) => text.normalize('NFC'),
    'keeps 16 bits of every character': (text: string) => text.replaceAll(/[\u{10000}-\u{10FFFF}]/gu, '?'),
    'drops what it takes for broken': (text: string) => text.replaceAll('\uFFFD', ''),
    'trims texts': (text: string) => text.trim(),
    'ends every text with a line end': (text: string) => (text.endsWith('\n') ? text : `${text}\n`),
  }).map(([name, spoiled]) => ({ name, caught: BYTES, spoil: reading(spoiled) })),
  {
    name: 'cuts texts at 64 KiB',
    caught: 'keeps a text of the largest size',
    spoil: reading((text) => text.slice(0, 64 * 1024)),
  },
  {
    name: 'keeps one text for each label',
    caught: 'keeps the texts of prompts and labels apart',
    spoil: (right) => {
      const texts = new Map<string, string>()
      return {
        async content(id, version) {
          const text = texts.get(version.version) ?? (await right.content(id, version))
          texts.set(version.version, text)
          return text
        },
      }
    },
  },
]
