import { parseTag } from '../objects.ts'
import type { Endpoint } from '../types.ts'
import { notFound } from '../types.ts'

export const tag: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/git/tags/{tag_sha}',
  async answer({ parameters, repository, github }) {
    const sha = parameters.tag_sha ?? ''
    const object = await repository.objects.read(sha)
    if (object?.type !== 'tag') return notFound
    const { name, object: target, type } = parseTag(object.bytes)
    const base = `${github.apiUrl}/repos/${repository.owner}/${repository.name}/git`
    return {
      status: 200,
      body: {
        ...{ sha, tag: name, url: `${base}/tags/${sha}`, node_id: Buffer.from(sha).toString('base64') },
        object: { sha: target, type, url: `${base}/${type}s/${target}` },
        ...{ message: messageOf(object.bytes), tagger: taggerOf(object.bytes) },
        verification: verificationOf(object.bytes),
      },
    }
  },
}

/** Not GitHub's judgement, which is about keys that people gave to GitHub: here nobody gave any. */
function verificationOf(bytes: Buffer) {
  const at = bytes.lastIndexOf('\n-----BEGIN ') + 1
  if (at === 0)
    return { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null }
  const signature = bytes.toString('utf8', at).trimEnd()
  const payload = bytes.toString('utf8', 0, at)
  return { verified: false, reason: 'unknown_key', signature, payload, verified_at: null }
}

function taggerOf(bytes: Buffer) {
  const [, name = '', email = '', seconds = '0'] =
    /^tagger (.*?) ?<(.*)> (\d+) [+-]\d+$/m.exec(bytes.toString()) ?? []
  return { name, email, date: new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z') }
}

function messageOf(bytes: Buffer): string {
  return bytes.toString('utf8', bytes.indexOf('\n\n') + 2)
}
