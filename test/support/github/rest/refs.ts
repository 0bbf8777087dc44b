import type { Answer, Call, Endpoint, HostedRepository } from '../types.ts'
import { notFound } from '../types.ts'

export const reference: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/git/ref/{ref}',
  async answer(call) {
    const wanted = `refs/${call.parameters.ref}`
    const refs = await refsBelow(call.repository, wanted)
    if (refs.length === 0 && (await isEmpty(call.repository))) return empty
    const ref = refs.find(({ name }) => name === wanted)
    return ref ? { status: 200, body: described(ref, call) } : notFound
  },
}

export const matchingReferences: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/git/matching-refs/{ref}',
  async answer(call) {
    const prefix = call.parameters.ref ?? ''
    // Refs with this prefix, even inside a word: `tags` matches refs/tagsother/x.
    const folder = `refs/${prefix}`.slice(0, `refs/${prefix}`.lastIndexOf('/'))
    const all = (await refsBelow(call.repository, folder)).filter(({ name }) =>
      name.startsWith(`refs/${prefix}`),
    )
    if (all.length === 0 && (await isEmpty(call.repository))) return empty
    const size = call.github.limits.refsPerPage
    const page = Number(call.query.get('page') ?? 1)
    const shown = all.slice((page - 1) * size, page * size)
    const path = `/repos/${call.repository.owner}/${call.repository.name}/git/matching-refs/${prefix}`
    const next = `<${call.github.apiUrl}${path}?page=${page + 1}>; rel="next"`
    return {
      status: 200,
      body: shown.map((ref) => described(ref, call)),
      ...(page * size < all.length && { headers: { link: next } }),
    }
  },
}

interface Ref {
  readonly name: string
  readonly type: string
  readonly oid: string
}

async function refsBelow({ git }: HostedRepository, prefix: string): Promise<Ref[]> {
  const lines = await git('for-each-ref', '--format=%(objecttype) %(objectname) %(refname)', '--', prefix)
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [type = '', oid = '', ...name] = line.split(' ')
      return { type, oid, name: name.join(' ') }
    })
}

async function isEmpty({ git }: HostedRepository): Promise<boolean> {
  return (await git('for-each-ref', '--count=1')) === ''
}

// GitHub's response of the git database for a repository without commits.
const empty: Answer = {
  status: 409,
  body: { message: 'Git Repository is empty.', documentation_url: 'https://docs.github.com/rest/git/refs' },
}

function described({ name, type, oid }: Ref, { repository, github }: Call) {
  const base = `${github.apiUrl}/repos/${repository.owner}/${repository.name}/git`
  return {
    ref: name,
    node_id: Buffer.from(name).toString('base64'),
    url: encodeURI(`${base}/${name}`),
    object: { type, sha: oid, url: `${base}/${type}s/${oid}` },
  }
}
