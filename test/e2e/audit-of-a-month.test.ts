import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { AuditRow } from '../../api/contract/audit/audit-row.ts'
import { servedWithin } from '../../api/contract/audit/audit-trail.ts'
import { runPass } from '../../controller/pass/run-pass.ts'
import { createGitSource } from '../../controller/source/git/index.ts'
import type { MergedPullRequest } from '../../controller/source/merged-pull-request.ts'
import { cliIn } from '../controller/cli/cli-under-test.ts'
import { skipWithout } from '../controller/source/git-world.ts'
import { sourceConfig } from '../support/controller.ts'
import { createRepository } from '../support/git-repository.ts'
import { makeRegistry } from '../support/registry.ts'
import { scratchFolder } from '../support/scratch.ts'
import { signingMissing, signTag, sshKey } from '../support/signing.ts'

const DAY_MS = 86_400_000
const START = Date.parse('2026-03-01T09:00:00.000Z')

function prompt(text: string, temperature = 0): string {
  return `---\nmodel: { temperature: ${temperature} }\n---\n${text}\n`
}

/** A month of a team: a real repository with signed tags, a registry with a clock, and a pass a day. `served` is what agents get. */
async function makeMonth() {
  const folder = await scratchFolder()
  const file = join(folder, '.promptctl', 'registry.db')
  await mkdir(dirname(file))
  const repository = await createRepository(join(folder, 'repository'))
  const registry = makeRegistry({ file })
  onTestFinished(registry.close)
  const key = await sshKey()
  const source = sourceConfig({
    ...{ name: 'support', repository: repository.path, prune: true, massChange: false, drift: 'heal' },
    verify: { tags: 'warn', allowedSigners: [`cleo@example.com ${key.publicKey}`] },
  })
  const git = createGitSource({
    repository: repository.path,
    cacheDir: join(folder, 'cache'),
    env: process.env,
  })
  const pullRequests = new Map<string, MergedPullRequest>()
  const served: ({ readonly at: string } & Pick<AuditRow, 'prompt_id' | 'version'>)[] = []
  const { clock } = registry

  const commit = async (files: Readonly<Record<string, string | null>>) =>
    await repository.commit(
      Object.fromEntries(Object.entries(files).map(([id, text]) => [`prompts/${id}.md`, text])),
    )
  return {
    folder,
    repository,
    registry,
    served,
    commit,
    /** Commits, with a pull request, and signs a tag. */
    async release(
      version: string,
      files: Parameters<typeof commit>[0],
      approvedBy: readonly string[] = ['grace'],
    ) {
      const made = await commit(files)
      pullRequests.set(made, { number: pullRequests.size + 1, author: 'cleo', approvedBy })
      await signTag(repository, `v${version}`, { key: key.path })
    },
    async pass() {
      return await runPass({
        ...{ source, git, repository: 'https://example.com/prompts', holder: 'test', random: () => 0.5 },
        api: registry.as({ actor: 'controller', sources: ['support'] }),
        now: () => clock.now,
        pause: async (ms) => {
          clock.now += ms
        },
        retryNow: true,
        findPullRequests: async (commits) =>
          new Map(commits.map((one) => [one, pullRequests.get(one) ?? null])),
      })
    },
    /** Runs what happens on some days, and a pass at the end of each day. */
    async live(days: Readonly<Record<number, () => Promise<unknown>>>) {
      for (let day = 1; day <= 30; day++) {
        clock.now = START + (day - 1) * DAY_MS
        await days[day]?.()
        clock.now += 60_000
        await this.pass()
        clock.now += 60_000
        const at = new Date(clock.now).toISOString()
        for (const { prompt_id, stable } of (await registry.admin.list()).prompts)
          if (stable !== null) served.push({ at, prompt_id, version: stable })
      }
    },
  }
}

/** A row in one line, with days in the place of times. */
function inWords(row: AuditRow): string {
  const { prompt_id, release, later_releases, asked, tag, approved, signed, changed, stopped } = row
  const day = (at: string | null) =>
    at === null ? 'now' : String((Date.parse(at) - START) / DAY_MS + 1).split('.')[0]
  const who =
    asked?.by === 'tag'
      ? `tag ${tag?.name} of ${tag?.tagger}`
      : `${asked?.act} by ${asked?.actor}: ${asked?.reason}`
  const approval =
    approved === null ? 'unknown' : `#${approved.pull_request} ${approved.by.join('+') || 'nobody'}`
  return [
    `${prompt_id} ${[release ?? '-', ...later_releases].join('+')} ${day(row.served_from)}-${day(row.served_until)}`,
    ...[who, approval, signed ?? 'unsigned', changed.parts?.join('+') ?? 'new'],
    stopped === null ? 'serves' : `${stopped.act} by ${stopped.actor}`,
  ].join(' | ')
}

test('the audit of a month has the seven facts of everything that served, and nothing else', async (context) => {
  skipWithout(context, signingMissing())
  const month = await makeMonth()
  const { registry, release, commit, repository } = month
  const grace = registry.as({ actor: 'grace' })
  const ada = registry.as({ actor: 'arn:aws:iam::123456789012:user/ada (claimed)', access: 'admin' })
  const stable = async (id: string) => (await registry.admin.resolve(id)).version

  await month.live({
    1: () => release('1.0.0', { triage: prompt('T1'), reply: prompt('R1') }),
    3: () => release('1.1.0', { triage: prompt('T2', 1) }, ['grace', 'alan']),
    4: () => grace.rollback('triage', { reason: 'too chatty' }),
    6: () => release('1.2.0', { triage: prompt('T3') }),
    8: () => grace.hold('reply', { reason: 'campaign' }),
    9: () => release('1.3.0', { reply: prompt('R2') }, []),
    11: () => grace.unhold('reply', {}),
    13: async () => ada.revoke('triage', { version: await stable('triage'), reason: 'leaks a name' }),
    15: async () => {
      await commit({ triage: prompt('T4') })
      await month.pass()
      const { version } = await registry.admin.resolve('triage', { mode: 'dev' })
      await ada.promote('triage', { version, override: true, reason: 'urgent' })
    },
    17: () => ada.unhold('triage', {}),
    18: () => release('1.4.0', { triage: prompt('T5') }),
    20: () => ada.transfer('reply', { source: 'other', create: true }),
    21: () => release('1.5.0', { reply: prompt('R3') }),
    23: () => ada.transfer('reply', { source: 'support' }),
    25: () => release('1.6.0', { reply: null }),
    27: async () => {
      await commit({ reply: prompt('R4') })
      await repository.tag('v1.7.0')
    },
    29: async () => {
      const { versions } = await registry.admin.versions('triage')
      const draft = versions.find(({ aliases }) => aliases.length === 0)?.version ?? ''
      await ada.promote('triage', { version: draft, override: true, reason: 'by hand' })
      await ada.unhold('triage', {})
    },
  })

  await writeFile(join(month.folder, 'promptctl.yaml'), 'sources: []\n')
  const { run } = cliIn(month.folder)
  const audit = async (...options: string[]) =>
    (await run(['audit', '--name', 'production', '-o', 'json', ...options])).json<{ rows: AuditRow[] }>().rows
  const rows = await audit('--from', '2026-03-01', '--to', '2026-03-30')
  const ADA = 'arn:aws:iam::123456789012:user/ada (claimed)'
  const signed = (version: string) => `tag v${version} of Cleo Committer <cleo@example.com>`
  expect(rows.map(inWords)).toEqual([
    `reply 1.0.0+1.1.0+1.2.0 1-11 | ${signed('1.0.0')} | #1 grace | cleo@example.com | new | promoted by controller`,
    `triage 1.0.0 1-3 | ${signed('1.0.0')} | #1 grace | cleo@example.com | new | promoted by controller`,
    `triage 1.1.0 3-4 | ${signed('1.1.0')} | #2 grace+alan | cleo@example.com | content+config | rolled_back by grace`,
    'triage 1.0.0 4-6 | rolled_back by grace: too chatty | #1 grace | cleo@example.com | content+config | promoted by controller',
    `triage 1.2.0+1.3.0 6-13 | ${signed('1.2.0')} | #3 grace | cleo@example.com | content | revoked by ${ADA}`,
    // Tagged on day 9, while the prompt was frozen.
    `reply 1.3.0+1.4.0 11-23 | ${signed('1.3.0')} | #4 nobody | cleo@example.com | content | promoted by controller`,
    `triage 1.0.0 13-15 | rolled_back by ${ADA}: leaks a name | #1 grace | cleo@example.com | content | promoted by ${ADA}`,
    `triage - 15-18 | promoted by ${ADA}: urgent | unknown | unsigned | content | promoted by controller`,
    `triage 1.4.0+1.5.0+1.6.0+1.7.0 18-29 | ${signed('1.4.0')} | #5 grace | cleo@example.com | content | promoted by ${ADA}`,
    // Tagged on day 21, while another source owned the prompt.
    `reply 1.5.0 23-25 | ${signed('1.5.0')} | #6 grace | cleo@example.com | content | retired by controller`,
    'reply 1.7.0 27-now | tag v1.7.0 of null | #null nobody | unsigned | new | serves',
    `triage - 29-29 | promoted by ${ADA}: by hand | unknown | unsigned | content | healed by controller`,
    'triage 1.7.0 29-now | healed by controller: restored from git | #null nobody | unsigned | content | serves',
  ])
  expect(rows.map(({ asked }) => asked?.claimed)).toEqual(rows.map(({ asked }) => asked?.actor === ADA))

  const servedAt = (at: string) =>
    rows
      .filter((row) => servedWithin(row, { from: at, to: at }))
      .map(({ prompt_id, version }) => ({ at, prompt_id, version }))
  for (const [at, then = []] of Map.groupBy(month.served, (one) => one.at))
    expect(servedAt(at), at).toEqual(expect.arrayContaining(then))
  const seen = month.served.map(({ prompt_id, version }) => `${prompt_id} ${version}`)
  expect(new Set(rows.map(({ prompt_id, version }) => `${prompt_id} ${version}`))).toEqual(new Set(seen))

  const during = await audit('--from', '2026-03-14', '--to', '2026-03-14')
  expect(during.map(({ prompt_id, release }) => `${prompt_id} ${release}`)).toEqual([
    'reply 1.3.0',
    'triage 1.0.0',
  ])
  expect(await audit('triage', '--to', '2026-03-02')).toEqual([rows[1]])
  const { out } = await run(['audit', '--name', 'production', '-o', 'csv'])
  expect(out.split('\r\n')).toHaveLength(rows.length + 2)
})
