import { expect, test } from 'vitest'
import { TOKEN } from '../../support/github/source.ts'
import { makeReportedCli } from './reported-cli.ts'

const short = (commit: string) => commit.slice(0, 7)

test('a sync sets pending and then success on the commit of the branch and on that of a release tag', async () => {
  const { repository, report, promptctl, statuses } = await makeReportedCli()
  const released = await repository.commit({ 'prompts/a.txt': 'a\n', 'prompts/b.txt': 'b\n' })
  await repository.tag('v1.0.0', { annotated: true })
  const head = await repository.commit({ 'prompts/a.txt': 'a 2\n' })
  await report('{ statuses: true, targetUrl: "https://prompts.example.com/demo" }')
  expect(await promptctl('sync')).toMatchObject({ code: 0, err: expect.not.stringContaining('status') })
  expect(statuses()).toEqual([
    `${short(head)} prompt-registry/demo pending: 5 changes are on the way to the registry`,
    `${short(head)} prompt-registry/demo success: 3 pushed, 2 promoted`,
    `${short(released)} prompt-registry/demo/release success: v1.0.0: 2 promoted`,
  ])
})

test('a pass without changes sets no status', async () => {
  const { repository, report, promptctl, statuses, github } = await makeReportedCli()
  await repository.commit({ 'prompts/a.txt': 'a\n' })
  await report('{ statuses: true }')
  await promptctl('sync')
  statuses()
  github.requests.length = 0
  expect(await promptctl('sync')).toMatchObject({ code: 0 })
  expect(github.requests.filter(({ operation }) => operation.includes('statuses'))).toEqual([])
  expect(statuses()).toEqual([])
})

test('a quarantined file, an unreachable tag and a moved tag are failures with their reasons', async () => {
  const { repository, report, promptctl, statuses } = await makeReportedCli()
  const first = await repository.commit({ 'prompts/a.txt': 'a\n' })
  await repository.tag('v1.0.0')
  await report('{ statuses: true }')
  await promptctl('sync')
  statuses()
  await repository.git('checkout', '--quiet', '-b', 'side')
  const beside = await repository.commit({ 'prompts/a.txt': 'beside\n' })
  await repository.tag('v9.0.0')
  await repository.git('checkout', '--quiet', 'main')
  const head = await repository.commit({ 'prompts/empty.txt': '' })
  await repository.tag('v1.0.0', { force: true })
  expect(await promptctl('sync')).toMatchObject({ code: 1 })
  expect(statuses()).toEqual([
    `${short(head)} prompt-registry/demo failure: 1 release unreachable, 1 quarantined: Tag v9.0.0 is not on branch main. Merge it, add its branch to releaseBranches, or set requireReachabl…`,
    `${short(beside)} prompt-registry/demo/release failure: Tag v9.0.0 is not on branch main. Merge it, add its branch to releaseBranches, or set requireReachable: false.`,
    expect.stringContaining(
      `${short(head)} prompt-registry/demo/release failure: Tag v1.0.0 was moved from ${first.slice(0, 12)} to ${head.slice(0, 12)}.`,
    ),
  ])
  // A later pass finds the same again.
  const next = await repository.commit({ 'prompts/a.txt': 'a 2\n' })
  await promptctl('sync')
  expect(statuses().map((status) => status.split(' ').slice(0, 3).join(' '))).toEqual([
    `${short(next)} prompt-registry/demo pending:`,
    `${short(next)} prompt-registry/demo failure:`,
  ])
})

test('a first sync of a thousand tags reports the ten newest', async () => {
  const { repository, report, promptctl, statuses } = await makeReportedCli()
  const commits: string[] = []
  for (let index = 0; index < 12; index++)
    commits.push(await repository.commit({ 'prompts/a.txt': `text ${index}\n` }))
  const lines = Array.from({ length: 1000 }, (_, index) => {
    const at = commits[Math.floor((index / 1000) * commits.length)]
    return `create refs/tags/v1.${index}.0 ${at}\n`
  })
  await repository.gitWith(lines.join(''), 'update-ref', '--stdin')
  await report('{ statuses: true }')
  await promptctl('sync')
  const releases = statuses().filter((status) => status.includes('/release '))
  expect(releases.map((status) => status.slice(0, 7))).toEqual(commits.slice(2).reverse().map(short))
  expect(releases[0]).toContain('success: v1.999.0: 1 promoted; v1.998.0: ')
})

test.each([
  ['refuses them', { status: 403, body: { message: `no ${TOKEN}` } }],
  ['knows no such commit', { status: 422, body: { message: 'No commit found' } }],
  ['is down', { status: 502, body: 'down' }],
  ['limits requests', { status: 429, headers: { 'retry-after': '3600' }, body: {} }],
])('a host that %s changes nothing of the sync, and one line says so', async (_what, trouble) => {
  const { repository, report, promptctl, statuses, github } = await makeReportedCli()
  await repository.commit({ 'prompts/a.txt': 'a\n' })
  await report('{ statuses: true }')
  github.intercept = (operation) => (operation.includes('/statuses/') ? trouble : undefined)
  const { code, out, err } = await promptctl('sync')
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('demo: synced at') })
  expect(err).toMatch(/^demo: cannot set a commit status: GitHub /m)
  expect(err).not.toContain(TOKEN)
  expect(statuses()).toEqual([])
})
