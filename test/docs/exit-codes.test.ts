import { cp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type CliUnderTest, configure, makeCli, sharedCli, words } from '../controller/cli/cli-under-test.ts'
import { createRepository, type TestRepository } from '../support/git-repository.ts'

/** What the help and docs/sources.md promise about exit codes, and what the commands do. */

const page = await readFile(new URL('../../docs/sources.md', import.meta.url), 'utf8')
const section = page.slice(page.indexOf('\n## Exit codes\n'), page.indexOf('\n## Drift\n'))
const rows = [...section.matchAll(/^\| (\w[^|]*) \| (\d) \| (\d) \| (\d) \|$/gm)].map(
  ([, state = '', ...codes]) => ({ state, codes: codes.map(Number) }),
)

interface World {
  readonly cli: CliUnderTest
  readonly repository: TestRepository
  /** Settings of the source beside its repository. */
  readonly set: (settings: string) => Promise<void>
  readonly promptctl: (line: string) => Promise<number>
}

const T = 'prompts/t.md'

/** A source `s` whose one prompt has a release, synced. */
const template = sharedCli(async ({ folder, run }) => {
  const repository = await createRepository(join(folder, 'repository'))
  await repository.commit({ [T]: 'one\n' })
  await repository.tag('v1.0.0')
  await configure(folder, ['{ name: s, repository: ./repository, branch: main }'])
  await run(['sync'])
})

async function settled(): Promise<World> {
  const cli = await makeCli()
  await cp(template().folder, cli.folder, { recursive: true })
  const repository = await createRepository(join(cli.folder, 'repository'))
  const set = async (settings: string) =>
    await configure(cli.folder, [`{ name: s, repository: ./repository, branch: main${settings} }`])
  const promptctl = async (line: string) => (await cli.run(words(line))).code
  return { cli, repository, set, promptctl }
}

async function release({ repository }: World, text = 'two\n'): Promise<void> {
  await repository.commit({ [T]: text })
  await repository.tag('v1.1.0')
}

/** By row of the table, what leads from a settled source to it. */
const STATES: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  'new commits or releases': async (world) => await release(world),
  'nothing new': async () => undefined,
  'a release of a held prompt': async (world) => {
    await world.promptctl('hold t')
    await release(world)
  },
  'a release in a freeze': async (world) => {
    await world.set(', freeze: [{ cron: "* * * * *", duration: 1h }]')
    await release(world)
  },
  'a quarantined file': async ({ repository }) => await repository.commit({ 'prompts/empty.md': '' }),
  'a prompt of another source': async ({ cli, repository }) => {
    await repository.commit({ 'notes/n.md': 'n\n' })
    await configure(cli.folder, ['{ name: other, repository: ./repository, branch: main }'])
  },
  'a mass change': async (world) => {
    await world.set(', massChange: { share: 0.5, least: 1 }')
    await release(world)
  },
  'a version set by hand': async ({ cli, promptctl }) => {
    await cli.run(words('push t --version hand --override --no-latest'), { stdin: 'by hand\n' })
    await promptctl('promote t hand --override')
    await promptctl('unhold t')
  },
  'no prompt at all': async ({ set }) => await set(", include: ['**/*.prompt'], massChange: false"),
  'a newest release on another branch': async ({ repository }) => {
    await repository.git('checkout', '--quiet', '-b', 'release/1')
    await repository.commit({ [T]: 'two\n' })
    await repository.tag('v1.1.0')
    await repository.git('checkout', '--quiet', 'main')
  },
  'only tags without a pattern': async ({ repository }) => await repository.tag('nightly'),
  'a repository that cannot be read': async ({ cli }) =>
    await rm(join(cli.folder, 'repository'), { recursive: true }),
}

describe('the exit codes in docs/sources.md', () => {
  test('are of states that a test can make', () => {
    expect(rows.map(({ state }) => state)).toEqual(Object.keys(STATES))
  })

  test.each(rows)('$state: $codes', async ({ state, codes }) => {
    const world = await settled()
    await STATES[state]?.(world)
    const [sync, plan, detailed] = codes
    expect(await world.promptctl('plan'), 'plan').toBe(plan)
    expect(await world.promptctl('plan --detailed-exitcode'), 'plan --detailed-exitcode').toBe(detailed)
    for (const line of ['sync', 'sync', 'sync --full']) expect(await world.promptctl(line), line).toBe(sync)
  })

  test.each(['sync', 'plan'])('of %s are those of its help, word for word', async (name) => {
    const { run } = await makeCli()
    const { out } = await run([name, '--help'])
    const [, told = ''] = /Exit codes: ([\s\S]+?)\n(?:\n|$)/.exec(out) ?? []
    expect(told.length).toBeGreaterThan(50)
    const plain = section.replaceAll('`', '').replaceAll(/\s+/g, ' ')
    expect(plain).toContain(`${name}: ${told.replaceAll(/\s+/g, ' ').trim()}`)
  })
})

test.each([
  ['sources: {', 'plan --detailed-exitcode'],
  ['sources: []', 'plan --detailed-exitcode'],
  ['sources: []', 'plan nosuch --detailed-exitcode'],
  ['sources: []', 'plan --detailed-exitcode --nosuch'],
])('with %s, "promptctl %s" does not end as if there were changes', async (yaml, line) => {
  const cli = await makeCli()
  await configure(cli.folder, [], yaml.replace('sources: []', ''))
  expect(await cli.run(words(line))).toMatchObject({ code: 1, err: expect.stringMatching(/^error: /) })
})
