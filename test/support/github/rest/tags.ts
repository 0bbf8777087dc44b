import { parseTag } from '../objects.ts'
import type { Endpoint } from '../types.ts'
import { notFound } from '../types.ts'

export const tag: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/git/tags/{tag_sha}',
  async answer({ parameters, repository, github }) {
    const sha = parameters.tag_sha ?? ''
    const object = await repository.objects.read(sha)
    if (object?.type !== 'tag') return notFound
    const { name, object: target, type, tagger, message } = parseTag(object.bytes)
    const base = `${github.apiUrl}/repos/${repository.owner}/${repository.name}/git`
    return {
      status: 200,
      body: {
        ...{ sha, tag: name, url: `${base}/tags/${sha}`, node_id: Buffer.from(sha).toString('base64') },
        object: { sha: target, type, url: `${base}/${type}s/${target}` },
        message,
        tagger: { ...(tagger ?? NOBODY), date: utc(tagger?.date ?? '1970-01-01T00:00:00Z') },
        verification: verificationOf(object.bytes),
      },
    }
  },
}

/** Not GitHub's real verdict, which depends on keys uploaded to GitHub: here there are none. */
function verificationOf(bytes: Buffer) {
  const at = bytes.lastIndexOf('\n-----BEGIN ') + 1
  if (at === 0)
    return { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null }
  const signature = bytes.toString('utf8', at).trimEnd()
  const payload = bytes.toString('utf8', 0, at)
  return { verified: false, reason: 'unknown_key', signature, payload, verified_at: null }
}

const NOBODY = { name: '', email: '' }

function utc(date: string): string {
  return new Date(date).toISOString().replace('.000Z', 'Z')
}
