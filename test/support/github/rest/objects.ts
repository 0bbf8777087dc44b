import { parseTree, typeOfMode } from '../objects.ts'
import type { Call, Endpoint } from '../types.ts'
import { notFound } from '../types.ts'

export const tree: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
  async answer(call) {
    const sha = call.parameters.tree_sha ?? ''
    const object = await call.repository.objects.read(sha)
    if (object?.type !== 'tree') return notFound
    const most = call.github.limits.treeEntries
    const entries: Entry[] = []
    await list(call, object.bytes, { recursive: call.query.has('recursive'), prefix: '', most }, entries)
    return {
      status: 200,
      body: {
        sha,
        url: `${base(call)}/trees/${sha}`,
        tree: entries.slice(0, most),
        truncated: entries.length > most,
      },
    }
  },
}

interface Entry {
  readonly path: string
  readonly mode: string
  readonly type: string
  readonly sha: string
  readonly size?: number
  readonly url?: string
}

interface Listing {
  readonly recursive: boolean
  readonly prefix: string
  /** One more than the limit, to detect more entries. */
  readonly most: number
}

async function list(call: Call, bytes: Buffer, listing: Listing, entries: Entry[]): Promise<void> {
  const { objects } = call.repository
  const { recursive, prefix, most } = listing
  // Read together, as far as they may be needed: in a small directory, its files.
  const items = parseTree(bytes).slice(0, most + 1)
  const found = items.map(({ mode, oid }) => (mode === '160000' ? undefined : objects.read(oid)))
  for (const [index, { mode, name, oid }] of items.entries()) {
    if (entries.length > most) return
    const type = typeOfMode(mode)
    const entry = { path: prefix + name, mode: mode.padStart(6, '0'), type, sha: oid }
    const object = await found[index]
    const url = `${base(call)}/${type}s/${oid}`
    if (type === 'commit') entries.push(entry)
    else if (type === 'blob') entries.push({ ...entry, size: object?.bytes.length ?? 0, url })
    else entries.push({ ...entry, url })
    if (type === 'tree' && recursive && object)
      await list(call, object.bytes, { ...listing, prefix: `${entry.path}/` }, entries)
  }
}

export const blob: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}',
  async answer(call) {
    const sha = call.parameters.file_sha ?? ''
    const object = await call.repository.objects.read(sha)
    if (object?.type !== 'blob') return notFound
    // In lines of 60, as GitHub does.
    const content = object.bytes.toString('base64').replaceAll(/.{60}/g, '$&\n')
    return {
      status: 200,
      body: {
        ...{ sha, content, encoding: 'base64', size: object.bytes.length },
        ...{ node_id: Buffer.from(sha).toString('base64'), url: `${base(call)}/blobs/${sha}` },
      },
    }
  },
}

function base({ github, repository }: Call): string {
  return `${github.apiUrl}/repos/${repository.owner}/${repository.name}/git`
}
