import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { TOKEN } from '../../support/github/source.ts'
import { type GitHubStandIn, startGitHub } from '../../support/github/start.ts'

async function start(): Promise<{
  github: GitHubStandIn
  ask: (path: string, init?: RequestInit) => Promise<Response>
}> {
  const root = await mkdtemp(join(tmpdir(), 'github-'))
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 5 }))
  const repository = await createRepository(join(root, 'repo'))
  await repository.commit({ 'a.txt': 'text' })
  await repository.tag('v1')
  const github = await startGitHub({ repositoryPath: repository.path, token: TOKEN })
  const headers = { authorization: `Bearer ${TOKEN}` }
  return { github, ask: (path, init) => fetch(github.url + path, { headers, ...init }) }
}

const REFS = '/repos/acme/prompts/git/matching-refs/tags'

test('answers as GitHub describes, and closes in peace', async () => {
  const { github, ask } = await start()
  const answer = await ask(REFS)
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject([{ ref: 'refs/tags/v1', object: { type: 'commit' } }])
  const headers = { authorization: `token ${TOKEN}`, 'if-none-match': answer.headers.get('etag') ?? '' }
  expect((await ask(REFS, { headers })).status).toBe(304)
  expect((await ask('/repos/acme/absent')).status).toBe(404)
  expect((await ask(REFS, { headers: {} })).status).toBe(401)
  await github.close()
})

test.for([
  {
    what: 'an answer that is not as described',
    path: REFS,
    body: [{ ref: 'refs/tags/v1' }],
    says: /node_id/,
  },
  { what: 'an answer of another kind', path: REFS, body: { message: 'no list' }, says: /must be array/ },
  {
    what: 'a question that is not described',
    path: `${REFS}?per_page=100`,
    says: /per_page is not described/,
  },
  { what: 'a place that is not there', path: '/repos/acme/prompts/tags', says: /not an endpoint/ },
])('fails the test for $what', async ({ path, body, says }) => {
  const { github, ask } = await start()
  github.alter = (_, answer) => (body === undefined ? answer : { ...answer, body })
  await ask(path)
  await expect(github.close()).rejects.toThrow(says)
})

const graphql = (query: string, variables = { owner: 'acme', name: 'prompts' }) => ({
  method: 'POST',
  body: JSON.stringify({ query, variables, operationName: 'Look' }),
  headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
})

test('gives of GraphQL what was selected and nothing else, and refuses what the schema has not', async () => {
  const { github, ask } = await start()
  const look = async (fields: string) => {
    const query = `query Look($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { ${fields} } }`
    return (await ask('/graphql', graphql(query))).json()
  }
  expect(await look('tags: refs(refPrefix: "refs/tags/", first: 1) { totalCount } name')).toEqual({
    data: { repository: { tags: { totalCount: 1 }, name: 'prompts' } },
  })
  expect(await look(`object(oid: "${'0'.repeat(40)}") { oid }`)).toEqual({
    data: { repository: { object: null } },
  })
  for (const [fields, says] of [
    ['nothing', /Field 'nothing' doesn't exist on type 'Repository'/],
    ['refs(refPrefix: "refs/tags/", first: 101) { totalCount }', /limit of 100/],
    ['refs(refPrefix: "refs/tags/", first: 1)', /must have selections/],
    ['name { first }', /no fields to select/],
    ['name', undefined],
    ['name(', /expected a name/],
  ] as const) {
    const { errors } = (await look(fields)) as { errors?: { message: string }[] }
    if (says === undefined) expect(errors).toBeUndefined()
    else expect(errors?.[0]?.message).toMatch(says)
  }
  const absent = graphql('query Look($owner: String!) { repository(owner: $owner, name: "absent") { name } }')
  expect(await (await ask('/graphql', absent)).json()).toMatchObject({
    data: { repository: null },
    errors: [{ type: 'NOT_FOUND', path: ['repository'] }],
  })
  await github.close()
})
