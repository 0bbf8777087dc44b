import { spawn } from 'node:child_process'
import { isolatedGitEnvironment } from '../git-repository.ts'

export interface GitObject {
  readonly type: 'commit' | 'tree' | 'blob' | 'tag'
  readonly bytes: Buffer
}

/** Reads objects of a repository with one `git cat-file --batch`. */
export interface ObjectReader {
  read(oid: string): Promise<GitObject | undefined>
  close(): Promise<void>
}

export function createObjectReader(gitDir: string): ObjectReader {
  const child = spawn('git', ['--git-dir', gitDir, 'cat-file', '--batch'], { env: isolatedGitEnvironment() })
  const waiting: ((object: GitObject | undefined) => void)[] = []
  let rest = Buffer.alloc(0)
  child.stdin.on('error', () => {})
  child.stdout.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const end = rest.indexOf(10)
      if (end < 0) return
      const [, type, size] = rest.toString('latin1', 0, end).split(' ')
      const missing = size === undefined
      const next = missing ? end + 1 : end + 1 + Number(size) + 1
      if (rest.length < next) return
      const bytes = rest.subarray(end + 1, next - 1)
      waiting.shift()?.(missing ? undefined : { type: type as GitObject['type'], bytes })
      rest = rest.subarray(next)
    }
  })
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      for (const resume of waiting.splice(0)) resume(undefined)
      resolve()
    })
    child.once('error', () => resolve())
  })
  return {
    read: (oid) =>
      new Promise((resolve) => {
        if (!/^[0-9a-f]{40}$/.test(oid)) return resolve(undefined)
        waiting.push(resolve)
        child.stdin.write(`${oid}\n`)
      }),
    async close() {
      child.stdin.end()
      await ended
    },
  }
}

export interface ParsedCommit {
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Person
  readonly committer: Person
  readonly message: string
}

export interface Person {
  readonly name: string
  readonly email: string
  /** ISO 8601, UTC. */
  readonly date: string
}

export function parseCommit(bytes: Buffer): ParsedCommit {
  const [headers = '', ...message] = bytes.toString().split('\n\n')
  const lines = headers.split('\n').map((line) => line.split(/ (.*)/s) as [string, string])
  const value = (name: string) => lines.find(([key]) => key === name)?.[1] ?? ''
  return {
    tree: value('tree'),
    parents: lines.flatMap(([key, oid]) => (key === 'parent' ? [oid] : [])),
    author: parsePerson(value('author')),
    committer: parsePerson(value('committer')),
    message: message.join('\n\n'),
  }
}

function parsePerson(line: string): Person {
  const [, name = '', email = '', seconds = '0'] = /^(.*?) ?<(.*)> (\d+) [+-]\d+$/.exec(line) ?? []
  return { name, email, date: new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z') }
}

export interface ParsedTag {
  readonly object: string
  readonly type: GitObject['type']
  readonly name: string
  /** Its date is in its own time zone. */
  readonly tagger: Person | null
  /** Including the signature. */
  readonly message: string
}

export function parseTag(bytes: Buffer): ParsedTag {
  const [headers = '', ...message] = bytes.toString().split('\n\n')
  const value = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(headers)?.[1] ?? ''
  const [, sign = '+', hours = '00', minutes = '00'] = /([+-])(\d\d)(\d\d)$/.exec(value('tagger')) ?? []
  const tagger = parsePerson(value('tagger'))
  const shift = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000
  const local = new Date(Date.parse(tagger.date) + shift).toISOString().replace('.000Z', '')
  return {
    ...{ object: value('object'), type: value('type') as GitObject['type'], name: value('tag') },
    tagger: value('tagger') === '' ? null : { ...tagger, date: `${local}${sign}${hours}:${minutes}` },
    message: message.join('\n\n'),
  }
}

export interface ParsedTreeItem {
  /** As in the object: `40000`, `100644`. */
  readonly mode: string
  readonly name: string
  readonly oid: string
}

export function parseTree(bytes: Buffer): ParsedTreeItem[] {
  const items: ParsedTreeItem[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at)
    const nul = bytes.indexOf(0, space)
    items.push({
      mode: bytes.toString('latin1', at, space),
      name: bytes.toString('utf8', space + 1, nul),
      oid: bytes.toString('hex', nul + 1, nul + 21),
    })
    at = nul + 21
  }
  return items
}

export function typeOfMode(mode: string): 'tree' | 'commit' | 'blob' {
  if (mode === '40000') return 'tree'
  return mode === '160000' ? 'commit' : 'blob'
}
