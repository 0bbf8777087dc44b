import { join } from 'node:path'
import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createPassLog } from '../../../controller/cli/pass-log.ts'
import { failureReport, type PassReport } from '../../../controller/state/pass-report.ts'
import { createRepository } from '../../support/git-repository.ts'
import { configure, makeCli, words } from './cli-under-test.ts'

const COUNT = 12

async function makeDomain(more = '') {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'prompts-repo'))
  const files = Array.from({ length: COUNT }, (_, n) => [`prompts/p${n}.txt`, `text ${n}`])
  await repository.commit(Object.fromEntries(files))
  await repository.tag('v1.0.0')
  await configure(cli.folder, [`{ name: demo, repository: ./prompts-repo, branch: main${more} }`])
  expect(await cli.run(['sync'])).toMatchObject({ code: 0 })
  const remove = async (count: number) =>
    await repository.commit(
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`prompts/p${n}.txt`, null])),
    )
  return { ...cli, repository, remove }
}

test('sync reports a held change and exits with 1, until it is confirmed', async () => {
  const { run, remove } = await makeDomain()
  const commit = await remove(11)
  const held = await run(['sync'])
  expect(held.code).toBe(1)
  expect(held.out).toContain(`demo: held at ${commit.slice(0, 12)} (11 of 12 prompts are gone`)
  const plan = await run(['plan'])
  expect(plan.out).toContain('held: 11 of 12 prompts are gone from the branch')
  expect(plan.out).toContain('archive  p0  (gone from the branch)')
  const again = await run(['sync'])
  expect(again).toMatchObject({ code: 1 })
  expect(again.out).toContain('promptctl sync demo --confirm')

  const page = (await run(words('sources demo'))).out
  expect(page).toMatch(/Ready False \(MassChange\) since [\d -:]+ UTC: 11 of 12 prompts/)
  expect(page).toMatch(/Held True \(MassChange\) since/)
  expect(page).toMatch(/complete +\d{4}-/)
  expect(page).toMatch(/recent passes:\n +\S+ \S+ UTC {2}held changes at \w{12} in \d+ ms: 1 mass change\n/)
  expect(page).toMatch(/synced first at \w{12} in \d+ ms: 12 pushed, 12 promoted\n/)

  const confirmed = await run(words('sync demo --confirm'))
  expect(confirmed).toMatchObject({ code: 0 })
  expect(confirmed.out).toContain('11 archived')
  expect((await run(['list'])).out).toMatch(/p0 .*demo \(archived\)/)
  expect((await run(words('sync --confirm'))).out).toContain('unchanged')
})

test('sources -o json has the conditions, the passes and the time of the last complete pass', async () => {
  const { run } = await makeDomain()
  const { state } = (await run(words('sources demo -o json'))).json<{
    state: { conditions: { type: string; status: string }[]; passes: unknown[]; complete_at: string }
  }>()
  expect(state.conditions.map(({ type, status }) => `${type} ${status}`)).toEqual([
    'Ready True',
    'Fetched True',
    'Held False',
    'Drifted False',
  ])
  expect(state.passes).toEqual([
    expect.objectContaining({ result: 'synced', duration_ms: expect.any(Number) }),
  ])
  expect(Date.parse(state.complete_at)).not.toBeNaN()
})

test('sync of a suspended source reports that, and succeeds', async () => {
  const { run, folder } = await makeDomain()
  await configure(folder, ['{ name: demo, repository: ./prompts-repo, branch: main, suspended: true }'])
  const { code, out } = await run(['sync'])
  expect(code).toBe(0)
  expect(out).toContain('The source is suspended.')
})

test('a plan shows the changes that wait for the end of a freeze', async () => {
  const always = '[{ cron: "* * * * *", duration: 1h }]'
  const { run, repository } = await makeDomain(`, freeze: ${always}`)
  await repository.commit({ 'prompts/p0.txt': 'new' })
  await repository.tag('p0@2.0.0')
  expect((await run(['plan'])).out).toMatch(
    /name {5}p0: 2\.0\.0 \(waits\)\n {2}held: Release 2\.0\.0 of "p0" waits for the end of the freeze at \S+Z\./,
  )
  const { out } = await run(['sync'])
  expect(out).toMatch(/held: Release 2\.0\.0 of "p0" waits for the end of the freeze at \S+Z\./)
})

test('an invalid layout in the repository is reported, and exits with 1', async () => {
  const { run, repository } = await makeDomain()
  await repository.commit({ '.promptctl.yaml': 'branch: other\n' })
  expect((await run(['plan'])).out).toContain(
    'layout invalid: .promptctl.yaml: the document: Unrecognized key: "branch"',
  )
  const { code, out } = await run(['sync'])
  expect(code).toBe(1)
  expect(out).toContain('layout invalid: .promptctl.yaml: the document: Unrecognized key')
})

test('serve --log json logs every pass as one JSON object on stderr, and not on stdout', async () => {
  const { run } = await makeDomain()
  const stop = new AbortController()
  const told = Promise.withResolvers<string>()
  const running = run(words('serve --port 0 --log json'), {
    signal: stop.signal,
    onError: (text) => text.endsWith('\n') && told.resolve(text),
  })
  const line = JSON.parse(await told.promise)
  expect(line).toMatchObject({ level: 'info', source: 'demo', result: 'unchanged', kind: 'none' })
  stop.abort(new Error('ended by SIGTERM'))
  expect((await running).out).not.toMatch(/^demo:/m)
})

test('the log of passes has severities for a collector', () => {
  const lines: string[] = []
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const log = createPassLog({ stderr, now: () => 0 })
  const failed = failureReport('demo', { message: 'No\nway.', cause: null }, { startedAt: 1000, now: 3500 })
  const passed: PassReport = {
    ...failed,
    result: 'synced',
    message: null,
    counts: { pushed: 1 },
    commit: 'c',
  }
  const held = { ...passed, result: 'held' as const, counts: { mass_change: 1 } }
  for (const report of [failed, passed, held]) log(report)
  expect(lines.map((line) => line.split('\n').length)).toEqual([2, 2, 2])
  const [first, second, third] = lines.map((line) => JSON.parse(line))
  expect(first).toMatchObject({
    level: 'error',
    at: '1970-01-01T00:00:00.000Z',
    message: 'pass failed: No\nway.',
    source: 'demo',
    result: 'failed',
    duration_ms: 2500,
  })
  expect(second).toMatchObject({ level: 'info', counts: { pushed: 1 }, commit: 'c' })
  expect(third).toMatchObject({ level: 'warn' })
})
