import { expect, test } from 'vitest'
import { TOKEN } from '../../support/github/source.ts'
import { makeReportedCli, propose, type ReportedCli } from './reported-cli.ts'

const REPORTS = '{ pullRequests: true }'

async function prepared(): Promise<ReportedCli> {
  const cli = await makeReportedCli()
  await cli.repository.commit({
    'prompts/a.txt': 'one\ntwo\n',
    'prompts/b.txt': 'b\n',
    'prompts/c.txt': 'c\n',
  })
  await cli.repository.tag('v1.0.0')
  await cli.report(REPORTS)
  return cli
}

const written = ({ github }: ReportedCli) =>
  github.requests
    .splice(0)
    .flatMap(({ method, operation }) =>
      method === 'POST' && !operation.includes('graphql') && !operation.startsWith('query')
        ? [operation]
        : method === 'PATCH'
          ? [operation]
          : [],
    )

test('a pull request gets a comment with new, changed, removed, invalid and promoted prompts', async () => {
  const cli = await prepared()
  const head = await propose(cli, 7, {
    'prompts/a.txt': 'one\nTWO\n',
    'prompts/b.txt': null,
    'prompts/new.txt': 'hello @everyone\n',
    'prompts/empty.txt': '',
  })
  expect(await cli.promptctl('sync')).toMatchObject({ code: 0 })
  const [comment, ...others] = cli.github.shown().comments
  expect(others).toEqual([])
  const base = await cli.repository.git('rev-parse', 'main')
  expect(comment?.body.split('\n').slice(1).join('\n')).toBe(
    [
      '### `demo`: 1 prompt new, 1 changed, 1 removed',
      '',
      `Commit \`${head.slice(0, 12)}\`, compared with \`main\` at \`${base.slice(0, 12)}\`.`,
      '',
      '<details><summary>changed: <code>a</code> (<code>prompts/a.txt</code>); cached prefix changes at byte 4</summary>',
      '',
      '```diff',
      '@@ -1,2 +1,2 @@',
      ' one',
      '-two',
      '+TWO',
      '```',
      '',
      '</details>',
      '',
      '<details><summary>removed: <code>b</code> (<code>prompts/b.txt</code>)</summary>',
      '',
      '```diff',
      '@@ -1,1 +0,0 @@',
      '-b',
      '```',
      '',
      '</details>',
      '',
      '<details><summary>new: <code>new</code> (<code>prompts/new.txt</code>)</summary>',
      '',
      '```diff',
      '@@ -0,0 +1,1 @@',
      '+hello @everyone',
      '```',
      '',
      '</details>',
      '',
      '**Would be quarantined**, and not become a version: 1 file',
      '',
      '- `prompts/empty.txt`: `The file has no content. Write the prompt below the front matter.`',
      '',
      '**A release after the merge would promote** 2 prompts: `a`, `new`',
      '',
    ].join('\n'),
  )
})

test('the comment is updated in place after another push, and unchanged while nothing moves', async () => {
  const cli = await prepared()
  await propose(cli, 7, { 'prompts/a.txt': 'first try\n' })
  await cli.promptctl('sync')
  const [first] = cli.github.shown().comments
  expect(first?.body).toContain('+first try')
  written(cli)
  await cli.promptctl('sync')
  expect(written(cli)).toEqual([])
  await propose(cli, 7, { 'prompts/a.txt': 'second try\n' })
  await cli.promptctl('sync')
  expect(written(cli)).toEqual(['PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}'])
  expect(cli.github.shown().comments).toMatchObject([{ id: first?.id }])
  expect(cli.github.shown().comments[0]?.body).toContain('+second try')
})

test('a pull request without prompts gets no comment, unless an earlier one is out of date', async () => {
  const cli = await prepared()
  await propose(cli, 7, { 'README.md': 'words\n' })
  await cli.promptctl('sync')
  expect(cli.github.shown().comments).toEqual([])
  await propose(cli, 7, { 'prompts/a.txt': 'other\n' })
  await cli.promptctl('sync')
  await propose(cli, 7, { 'README.md': 'words\n' })
  await cli.promptctl('sync')
  expect(cli.github.shown().comments).toHaveLength(1)
  expect(cli.github.shown().comments[0]?.body).toContain('### `demo`: no prompts changed')
})

test('later commits on the branch are not attributed to the pull request', async () => {
  const cli = await prepared()
  await propose(cli, 7, { 'prompts/a.txt': 'other\n' })
  await cli.repository.commit({ 'prompts/b.txt': null, 'prompts/later.txt': 'later\n' })
  await cli.promptctl('sync')
  const body = cli.github.shown().comments[0]?.body
  expect(body).toContain('### `demo`: 1 prompt changed')
  expect(body).toContain('would promote** 2 prompts: `a`, `later`')
})

test('only open pull requests to the branch get comments, and forks only if configured', async () => {
  const cli = await prepared()
  const head = await propose(cli, 7, { 'prompts/a.txt': 'other\n' })
  await cli.propose(7, head, { fork: true })
  await cli.propose(8, head, { base: 'main', state: 'closed' })
  await cli.repository.git('branch', 'next')
  await cli.propose(9, head, { base: 'next' })
  await cli.promptctl('sync')
  expect(cli.github.shown().comments).toEqual([])
  await cli.report('{ pullRequests: true, forks: true }')
  await cli.promptctl('sync')
  expect(cli.github.shown().comments).toMatchObject([{ pullRequest: 7 }])
})

test('a comment of somebody else with the same first line is left alone, on any page', async () => {
  const cli = await prepared()
  await propose(cli, 7, { 'prompts/a.txt': 'other\n' })
  const stranger = { id: 66, login: 'mallory', type: 'User' as const }
  const { comments } = cli.github.shown()
  for (let id = 1; id <= 120; id++)
    comments.push({ id, pullRequest: 7, body: '<!-- prompt-registry:demo x -->', author: stranger })
  await cli.promptctl('sync')
  expect(comments).toHaveLength(121)
  expect(comments.at(-1)).toMatchObject({ author: { login: 'robot' } })
  await propose(cli, 7, { 'prompts/a.txt': 'another\n' })
  await cli.promptctl('sync')
  expect(comments).toHaveLength(121)
  expect(comments.at(-1)?.body).toContain('+another')
})

test('a new process finds its comment again, and writes nothing if it is up to date', async () => {
  const cli = await prepared()
  await propose(cli, 7, { 'prompts/a.txt': 'other\n' })
  await cli.promptctl('sync')
  written(cli)
  expect(await cli.promptctl('sync --full')).toMatchObject({ code: 0 })
  expect(written(cli)).toEqual([])
  // Somebody deletes it: the next look of a process that does not know writes it again.
  cli.github.shown().comments.length = 0
  await cli.promptctl('sync')
  expect(written(cli)).toEqual(['POST /repos/{owner}/{repo}/issues/{issue_number}/comments'])
})

test.each([
  ['lists no pull requests', '/pulls', 403],
  ['shows no comments', 'GET /repos/{owner}/{repo}/issues', 404],
  ['does not say who we are', 'GET /user', 418],
  ['takes no comment', 'POST /repos/{owner}/{repo}/issues', 403],
  ['limits requests', '/pulls', 429],
  ['does not compare', '/compare/', 422],
])('a host that %s changes nothing of the sync, and one line says so', async (_what, part, status) => {
  const cli = await prepared()
  await propose(cli, 7, { 'prompts/a.txt': 'other\n' })
  const foreign = { id: 5, login: 'other', type: 'User' as const }
  cli.github
    .shown()
    .comments.push({ id: 1, pullRequest: 7, body: '<!-- prompt-registry:demo -->', author: foreign })
  cli.github.intercept = (operation) =>
    operation.includes(part)
      ? { status, headers: { 'retry-after': '3600' }, body: { message: `no ${TOKEN}` } }
      : undefined
  const { code, out, err } = await cli.promptctl('sync')
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('demo: synced at') })
  expect(err).toMatch(/^demo: cannot comment on pull requests?( 7)?: GitHub /m)
  expect(err).not.toContain(TOKEN)
  expect(cli.github.shown().comments).toHaveLength(1)
})

test('a token in a prompt appears in no comment and no status', async () => {
  const cli = await prepared()
  await cli.report('{ statuses: true, pullRequests: true }')
  await propose(cli, 7, { 'prompts/a.txt': `uses ${TOKEN}\n` })
  await cli.repository.commit({ [`prompts/${TOKEN.replaceAll('/', '-')}.txt`]: `uses ${TOKEN}\n` })
  await cli.promptctl('sync')
  const { comments, statuses } = cli.github.shown()
  expect([comments.length, statuses.length]).toEqual([1, 3])
  expect(JSON.stringify([comments, statuses])).not.toContain(TOKEN)
  expect(comments[0]?.body).toContain('+uses ***')
})

test('plan --pull-request prints the same, changes nothing, and reports a missing pull request', async () => {
  const cli = await prepared()
  const head = await propose(cli, 7, { 'prompts/a.txt': 'one\nTWO\n', 'prompts/empty.txt': '' })
  await cli.propose(7, head, { fork: true })
  await cli.promptctl('sync')
  cli.github.requests.length = 0
  const { out, code } = await cli.promptctl('plan demo --pull-request 7')
  const base = await cli.repository.git('rev-parse', 'main')
  expect({ out: out.split('\n'), code }).toEqual({
    out: [
      'demo: 1 prompt changed',
      `  ${head.slice(0, 12)}, compared with main at ${base.slice(0, 12)}`,
      '  changed  a  prompts/a.txt',
      '    The cached prefix changes at byte 4.',
      '    @@ -1,2 +1,2 @@',
      '     one',
      '    -two',
      '    +TWO',
      '  quarantined prompts/empty.txt: The file has no content. Write the prompt below the front matter.',
      '  a release after the merge would promote 1 prompt: a',
      '',
    ],
    code: 0,
  })
  expect(written(cli)).toEqual([])
  const { plans } = (await cli.promptctl('plan --pull-request 7 -o json')).json<{ plans: unknown[] }>()
  expect(plans).toMatchObject([
    { source: 'demo', pullRequest: 7, commit: head, base, differences: [{ id: 'a', change: 'changed' }] },
  ])
  expect(await cli.promptctl('plan --pull-request 8')).toMatchObject({
    code: 1,
    err: expect.stringContaining('The repository has no pull request 8'),
  })
  for (const line of [
    'plan --pull-request 0',
    'plan --pull-request --upload-pack=x',
    'plan --pull-request 7 --full',
  ])
    expect(await cli.promptctl(line)).toMatchObject({ code: 2 })
})

test('a changed layout is mentioned, but not applied', async () => {
  const cli = await prepared()
  await propose(cli, 7, {
    '.promptctl.yaml': 'directories: [elsewhere]\n',
    'elsewhere/x.txt': 'x\n',
    'prompts/a.txt': 'other\n',
  })
  await cli.promptctl('sync')
  const body = cli.github.shown().comments[0]?.body
  expect(body).toContain('**Layout.** `It changes .promptctl.yaml. This plan uses')
  expect(body).toContain('### `demo`: 1 prompt changed\n')
})

test('a pass comments on at most ten pull requests, and the next passes on the others', async () => {
  const cli = await prepared()
  const head = await propose(cli, 1, { 'prompts/a.txt': 'other\n' })
  for (let number = 2; number <= 12; number++) await cli.propose(number, head)
  await cli.promptctl('sync')
  const { comments } = cli.github.shown()
  expect(comments.map(({ pullRequest }) => pullRequest)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3])
})

test('two environments that report on one repository leave each other’s statuses and comments alone', async () => {
  const cli = await prepared()
  await propose(cli, 7, { 'prompts/a.txt': 'other\n' })
  for (const environment of ['dev', 'staging']) {
    await cli.report(`{ statuses: true, pullRequests: true, environment: ${environment} }`)
    await cli.promptctl('sync --full')
  }
  const { comments, statuses } = cli.github.shown()
  expect(comments.map(({ body }) => body.split('\n')[1])).toEqual([
    '### `dev/demo`: 1 prompt changed',
    '### `staging/demo`: 1 prompt changed',
  ])
  expect(new Set(statuses.map(({ context }) => context))).toEqual(
    new Set(['prompt-registry/dev/demo', 'prompt-registry/dev/demo/release', 'prompt-registry/staging/demo']),
  )
})
