import type { HostileCase } from './hostile-case.ts'
import { commitPrompts, file, names, type Writer } from './writer.ts'

const MIB = 1024 * 1024
const WHO = 'Cleo <cleo@example.com> 1770000000 +0000'
const SIGNERS = {
  verify: {
    tags: 'require',
    allowedSigners:
      'ada@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
  },
}

const goodTree = async (writer: Writer) => await writer.tree([file('good.txt', await writer.blob('good'))])
const good = async (writer: Writer) => await commitPrompts(writer, await goodTree(writer))

/** A commit on the branch whose bytes follow its `tree` line. */
const commitOf =
  (rest: string | Uint8Array) =>
  async (writer: Writer): Promise<void> => {
    const commit = await good(writer)
    const root = await writer.repository.git('rev-parse', `${commit}^{tree}`)
    const bytes = Buffer.concat([Buffer.from(`tree ${root}\n`), Buffer.from(rest)])
    await writer.repository.git('update-ref', 'refs/heads/main', await writer.object('commit', bytes))
  }

/** A tag object with these bytes after its headers, at the good commit. */
const tagOf =
  (rest: string | Uint8Array, tagger = `tagger ${WHO}\n`) =>
  async (writer: Writer): Promise<void> => {
    const commit = await good(writer)
    const headers = `object ${commit}\ntype commit\ntag v1.0.0\n${tagger}\n`
    await writer.tag(
      'v1.0.0',
      await writer.object('tag', Buffer.concat([Buffer.from(headers), Buffer.from(rest)])),
    )
  }

/** Release tags with these names, all at the good commit. */
const tagged = (all: readonly string[]) => async (writer: Writer) => {
  await good(writer)
  const lines = all.map((name) => `create refs/tags/${name}\0refs/heads/main\0`)
  const commit = await writer.repository.git('rev-parse', 'refs/heads/main')
  await writer.repository.gitWith(
    lines.join('').replaceAll('refs/heads/main', commit),
    'update-ref',
    '-z',
    '--stdin',
  )
}

const people = `author ${WHO}\ncommitter ${WHO}\n`
const signature = (kind: string, bytes: number) =>
  `-----BEGIN ${kind}-----\n${'U1NIU0lH'.repeat(Math.floor(bytes / 8))}\n-----END ${kind}-----\n`

export const refCases: readonly HostileCase[] = [
  {
    name: 'a commit message of 200 MB',
    make: commitOf(`${people}\n${'x'.repeat(200 * MIB)}`),
    result: 'failed',
    finds: ['pass_failed'],
  },
  {
    name: 'a commit with a header of 900 KB',
    make: commitOf(`${people}x ${'y'.repeat(900_000)}\n\nmessage`),
    finds: [],
  },
  {
    name: 'a commit by somebody with a name of 900 KB',
    make: commitOf(`author ${'a'.repeat(900_000)} <a> 1 +0000\ncommitter ${WHO}\n\nm`),
    finds: [],
  },
  { name: 'a commit of nobody', make: commitOf('\nmessage'), finds: [] },
  {
    name: 'a commit at the end of time',
    make: commitOf(`author A <a> 99999999999999999999 +9999\ncommitter A <a> -1 x\n\nm`),
    finds: [],
  },
  {
    name: 'a commit in an encoding that there is not',
    make: commitOf(`${people}encoding x-nothing\n\nm`),
    finds: [],
  },
  {
    name: 'a commit in UTF-16',
    make: commitOf(`${people}encoding utf-16le\n\nm`),
    result: 'failed',
    finds: ['pass_failed'],
  },
  {
    name: 'a commit with 10,000 headers',
    make: commitOf(`${people}${'x y\n'.repeat(10_000)}\nm`),
    finds: [],
  },
  {
    name: 'a commit without a directory',
    async make(writer) {
      await good(writer)
      const commit = await writer.object('commit', `tree ${'1'.repeat(40)}\n${people}\nm`)
      await writer.repository.git('update-ref', 'refs/heads/main', commit)
    },
    result: 'failed',
    finds: ['pass_failed'],
  },
  {
    name: 'a history of 3,000 commits',
    async make({ repository }) {
      const commits = names(3000).map(
        (name, index) =>
          `commit refs/heads/main\ncommitter ${WHO}\ndata 1\nm\nM 100644 inline prompts/good.txt\ndata ${name.length}\n${name}\n${index % 10 === 0 ? `reset refs/tags/v1.${index}.0\nfrom refs/heads/main\n` : ''}`,
      )
      await repository.gitWith(commits.join(''), 'fast-import', '--quiet')
    },
    finds: [],
  },
  {
    name: 'a merge of 50 commits',
    async make(writer) {
      const commit = await good(writer)
      const root = await writer.repository.git('rev-parse', `${commit}^{tree}`)
      const parents = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          writer.object('commit', `tree ${root}\n${people}\n${index}`),
        ),
      )
      const bytes = `tree ${root}\n${parents.map((parent) => `parent ${parent}\n`).join('')}${people}\nm`
      await writer.repository.git('update-ref', 'refs/heads/main', await writer.object('commit', bytes))
    },
    finds: [],
  },
  { name: 'a tag object of 64 MB', make: tagOf('x'.repeat(64 * MIB)), finds: ['tag_too_large'] },
  {
    name: 'a tag object of 64 MB where signatures are required',
    make: tagOf('x'.repeat(64 * MIB)),
    source: SIGNERS,
    finds: ['release_unverified'],
  },
  ...['SSH SIGNATURE', 'PGP SIGNATURE', 'SIGNED MESSAGE'].flatMap((kind) => [
    {
      name: `a tag with a ${kind} of 50 MB`,
      make: tagOf(`m\n${signature(kind, 50 * MIB)}`),
      source: SIGNERS,
      finds: ['release_unverified'],
    },
    {
      name: `a tag with a ${kind} of 900 KB`,
      make: tagOf(`m\n${signature(kind, 900_000)}`),
      source: SIGNERS,
      finds: ['release_unverified'],
    },
  ]),
  {
    name: 'a tag with 20,000 signatures',
    make: tagOf('-----BEGIN SSH SIGNATURE-----\n'.repeat(20_000)),
    source: SIGNERS,
    finds: ['release_unverified'],
  },
  { name: 'a tag of nobody', make: tagOf('m', ''), source: SIGNERS, finds: ['release_unverified'] },
  {
    name: 'a tag of a tag, 50 deep',
    async make(writer) {
      let oid = await good(writer)
      for (let level = 0; level < 50; level++)
        oid = await writer.object(
          'tag',
          `object ${oid}\ntype ${level === 0 ? 'commit' : 'tag'}\ntag v1.0.0\ntagger ${WHO}\n\nm`,
        )
      await writer.tag('v1.0.0', oid)
    },
    finds: [],
  },
  {
    name: 'tags of a file and of a directory',
    async make(writer) {
      await good(writer)
      await writer.tag('v1.0.0', await writer.blob('x'))
      await writer.tag('v1.1.0', await goodTree(writer))
    },
    finds: ['release_unreachable'],
  },
  {
    name: '20,000 release tags',
    alone: true,
    make: tagged(names(20_000, '').map((name) => `v1.0.${Number(name)}`)),
    source: { backfill: 3 },
    finds: [],
  },
  { name: '20,000 tags that are no releases', make: tagged(names(20_000, 'x')), finds: ['tags_unmatched'] },
  {
    name: '2,000 tags with names of 240 characters',
    make: tagged(names(2000, 'y'.repeat(230))),
    finds: ['tags_unmatched'],
  },
  { name: 'a version of 200 digits', make: tagged([`v${'9'.repeat(200)}.0.0`]), finds: ['tag_not_release'] },
  {
    name: 'a version with 130 characters of build metadata',
    make: tagged([`v1.0.0+${'a'.repeat(130)}`, 'v0.9.0']),
    finds: ['tag_not_release'],
  },
  {
    name: 'pre-releases of 100 parts',
    make: tagged(names(200).map((name) => `v1.0.0-${'a.'.repeat(100)}${name}`)),
    finds: ['tag_not_release'],
  },
  {
    name: 'versions that nearly parse',
    make: tagged([
      `v${'1.'.repeat(100)}1`,
      `v1.0.0-${'-'.repeat(200)}`,
      `v${'0'.repeat(200)}1.0.0`,
      'v1.0.0-01',
      'v-1.0.0',
      'v1.0.0\u00A0',
    ]),
    finds: ['tag_not_release', 'tags_unmatched'],
  },
  {
    name: 'versions of prompts with ids of 200 names',
    make: tagged([`${'a/'.repeat(100)}a@1.0.0`, `${'a-'.repeat(100)}@1.0.0`, `${'@'.repeat(200)}1.0.0`]),
    finds: ['tag_empty'],
  },
  {
    name: 'patterns of a release that could be read in many ways',
    make: tagged([`${'a-'.repeat(100)}1.0.0`, `${'1.0.0-'.repeat(30)}1.0.0`]),
    source: { releases: ['{id}-{version}', '{id}-v{version}'] },
    finds: ['tag_empty'],
  },
  {
    name: 'tags with the names of options',
    make: tagged(['--upload-pack=touch', '-x', 'v1.0.0;id', 'v1.0.0$(id)', 'v1.0.0&&id']),
    finds: ['tag_not_release', 'tags_unmatched'],
  },
  {
    name: 'tags that hide what they are',
    make: tagged(['v1.0.0\u200B', 'v1.0.1\u202E', 'v1.0.2\u{E0041}']),
    finds: ['tag_not_release'],
  },
  {
    name: 'tags that differ in case alone',
    make: tagged(['v1.0.0', 'V1.0.0', 'v1.0.0-RC.1', 'v1.0.0-rc.1']),
    finds: ['tags_unmatched'],
  },
  {
    name: '5,000 branches',
    async make(writer) {
      const commit = await good(writer)
      const lines = names(5000, 'release/').map((name) => `create refs/heads/${name} ${commit}\n`)
      await writer.repository.gitWith(lines.join(''), 'update-ref', '--stdin')
    },
    source: { releaseBranches: ['release/*', `${'*a'.repeat(50)}b`] },
    finds: [],
  },
  {
    name: 'no branch that is tracked',
    async make(writer) {
      await good(writer)
      await writer.repository.git('update-ref', '-d', 'refs/heads/main')
    },
    result: 'failed',
    finds: ['pass_failed'],
  },
]
