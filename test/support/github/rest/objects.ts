import { parseTree, typeOfMode } from '../objects.ts'
import type { Call, Endpoint } from '../types.ts'
import { notFound } from '../types.ts'

export const tree: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
  async answer(call) {
    const sha = call.parameters.tree_sha ?? ''
    const object = await call.repository.objects.read(sha)
    if (object?.type !== 'tree') return notFound
    const entries = await list(call, object.bytes, call.query.has('recursive'), '')
    const most = call.github.limits.treeEntries
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

async function list(call: Call, bytes: Buffer, recursive: boolean, prefix: string): Promise<Entry[]> {
  const { objects } = call.repository
  const entries = parseTree(bytes).map(async ({ mode, name, oid }): Promise<Entry[]> => {
    const type = typeOfMode(mode)
    const entry = { path: prefix + name, mode: mode.padStart(6, '0'), type, sha: oid }
    if (type === 'commit') return [entry]
    const object = await objects.read(oid)
    const url = `${base(call)}/${type}s/${oid}`
    if (type === 'blob') return [{ ...entry, size: object?.bytes.length ?? 0, url }]
    const below = recursive && object ? await list(call, object.bytes, true, `${entry.path}/`) : []
    return [{ ...entry, url }, ...below]
  })
  return (await Promise.all(entries)).flat()
}

export const blob: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}',
  async answer(call) {
    const sha = call.parameters.file_sha ?? ''
    const object = await call.repository.objects.read(sha)
    if (object?.type !== 'blob') return notFound
    // As GitHub does, in lines of 60.
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
