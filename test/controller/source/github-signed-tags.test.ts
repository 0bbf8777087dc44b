import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type TestContext, test } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import type { FindingCode } from '../../../controller/findings/finding.ts'
import type { PassReport } from '../../../controller/state/pass-report.ts'
import { parseState } from '../../../controller/state/source-state.ts'
import { makeController } from '../../support/controller.ts'
import { type GitHubWorld, withGitHub } from '../../support/github/world.ts'
import { signingMissing, signTag, sshKey } from '../../support/signing.ts'
import { skipWithout } from './git-world.ts'

/** Findings have the time in them. */
const NOW = Date.parse('2026-03-01T12:00:00.000Z')

/** How tag objects were asked for: in questions of a hundred, and one by one. */
function readings(asked: readonly string[]) {
  const count = (operation: string) => asked.filter((one) => one === operation).length
  return { together: count('query ReadTags'), alone: count('GET /git/tags/{tag_sha}') }
}

async function controllerAt({ root, repository }: GitHubWorld, name: string, verify: object) {
  const folder = join(root, name)
  await mkdir(folder)
  return makeController({ folder, repository: repository.path, source: { verify }, now: () => NOW })
}

/** The tags that findings of these codes are about, sorted. */
function tagsOf({ findings }: PassReport, ...codes: FindingCode[]): string[] {
  return findings.flatMap(({ code, subject }) => (codes.includes(code) ? [subject.name] : [])).sort()
}

/** Twelve releases and what is none: every third is signed, every third annotated, every third lightweight. */
async function makeReleases({ repository }: GitHubWorld, key: string) {
  for (let minor = 0; minor < 12; minor++) {
    await repository.commit({ 'prompts/a.txt': `text ${minor}\n` })
    const name = `v1.${minor}.0`
    if (minor % 3 === 0) await signTag(repository, name, { key })
    else await repository.tag(name, { annotated: minor % 3 === 1 })
  }
  await repository.tag('nightly', { annotated: true })
  await repository.git('checkout', '--quiet', '-b', 'side')
  await repository.commit({ 'prompts/a.txt': 'stray\n' })
  await signTag(repository, 'v9.0.0', { key })
  await repository.git('checkout', '--quiet', 'main')
}

/** A registry that nothing reaches after the first state. */
function recordOnce(api: RegistryApi): RegistryApi['recordSource'] {
  let writes = 0
  return (...write) => (writes++ === 0 ? api.recordSource(...write) : Promise.reject(new Error('killed')))
}

async function keys(context: TestContext) {
  skipWithout(context, signingMissing())
  const key = await sshKey()
  return { key: key.path, verify: { tags: 'require', allowedSigners: [`ada@example.com ${key.publicKey}`] } }
}

test('GitHub verifies the same tags as git, with one query per hundred tag objects', async (context) => {
  const { key, verify } = await keys(context)
  await withGitHub(async (world) => {
    const { source, asked } = world
    await makeReleases(world, key)
    const [byGit, byApi] = [
      await controllerAt(world, 'git', verify),
      await controllerAt(world, 'api', verify),
    ]
    const expected = await byGit.sync()
    asked()
    const report = await byApi.sync({ git: source() })
    expect(report).toMatchObject({ result: 'synced', counts: expected.counts, findings: expected.findings })
    expect(tagsOf(report, 'release_unverified')).toEqual(['v1.10.0', 'v1.11.0'])
    expect(tagsOf(report, 'tag_unverified')).toHaveLength(6)
    expect(tagsOf(report, 'release_unreachable')).toEqual(['v9.0.0'])
    expect(readings(asked())).toEqual({ together: 1, alone: 0 })
    const { aliases } =
      (await byApi.api.versions('a', {})).versions.find(({ status }) => status === 'stable') ?? {}
    expect(aliases).toEqual(['1.9.0'])
  })
})

test('without signatures in queries, only signed tags that may be releases take a request each', async (context) => {
  const { key, verify } = await keys(context)
  await withGitHub(async (world) => {
    const { source, asked, github } = world
    github.limits.signedMessages = false
    await makeReleases(world, key)
    const [byGit, byApi] = [
      await controllerAt(world, 'git', verify),
      await controllerAt(world, 'api', verify),
    ]
    const expected = await byGit.sync()
    asked()
    expect(await byApi.sync({ git: source() })).toMatchObject({ findings: expected.findings })
    // Four of the twelve, and neither the stray one nor the nightly one.
    expect(readings(asked())).toEqual({ together: 1, alone: 4 })
  })
})

test('a new process reads only tag objects that are new or signed again', async (context) => {
  const { key, verify } = await keys(context)
  await withGitHub(async (world) => {
    const { source, repository, asked, github } = world
    github.limits.signedMessages = false
    await makeReleases(world, key)
    const controller = await controllerAt(world, 'api', verify)
    const first = await controller.sync({ git: source() })
    asked()
    await repository.commit({ 'prompts/a.txt': 'newest\n' })
    await signTag(repository, 'v2.0.0', { key })
    const second = await controller.sync({ git: source() })
    expect(second.counts).toMatchObject({ promoted: 1 })
    expect(tagsOf(first, 'release_unverified')).toEqual(['v1.10.0', 'v1.11.0'])
    expect(tagsOf(second, 'release_unverified')).toEqual([])
    expect(tagsOf(second, 'tag_unverified')).toEqual(tagsOf(first, 'tag_unverified', 'release_unverified'))
    expect(readings(asked())).toEqual({ together: 1, alone: 1 })

    await signTag(repository, 'v1.11.0', { key, at: 'v1.11.0^{commit}' })
    const third = await controller.sync({ git: source() })
    expect(tagsOf(third, 'tag_unverified')).toEqual(
      tagsOf(second, 'tag_unverified').filter((tag) => tag !== 'v1.11.0'),
    )
    expect(readings(asked())).toEqual({ together: 1, alone: 1 })

    // A full pass judges all of them again; whoever keeps what was read asks only once.
    const git = source()
    await controller.sync({ git, force: true })
    expect(readings(asked())).toEqual({ together: 1, alone: 0 })
    await controller.sync({ git, force: true })
    expect(readings(asked())).toEqual({ together: 0, alone: 0 })
  })
})

test('if a pass can read only some tag objects, it reads the newest releases first and the rest in the next passes', async (context) => {
  const { key, verify } = await keys(context)
  await withGitHub(async (world) => {
    world.github.limits.signedMessages = false
    await makeReleases(world, key)
    const whole = await controllerAt(world, 'whole', verify)
    await whole.sync()
    const controller = await controllerAt(world, 'api', verify)
    const passOfAnotherProcess = () =>
      controller.sync({ git: world.source({ limits: { tagObjects: 2 } }), retryNow: true })

    const first = await passOfAnotherProcess()
    expect(first).toMatchObject({
      result: 'incomplete',
      message: expect.stringMatching(/^The signatures of 2 release tags are not read yet/),
      counts: { signatures_pending: 1 },
    })
    const versions = async ({ api }: typeof whole) =>
      (await api.versions('a', {})).versions.map(({ version, status, aliases }) => ({
        version,
        status,
        aliases,
      }))
    expect(await versions(controller)).toContainEqual(
      expect.objectContaining({ aliases: ['1.9.0'], status: 'stable' }),
    )
    expect(await passOfAnotherProcess()).toMatchObject({ result: 'synced', message: null })
    expect(readings(world.asked()).alone).toBe(4)
    expect(await versions(controller)).toEqual(await versions(whole))
    const conditionsOf = async ({ api }: typeof whole) =>
      parseState((await api.source('demo')).state)?.conditions
    const verified = (await conditionsOf(controller))?.find(({ type }) => type === 'Verified')
    expect(verified).toMatchObject({ status: 'False', reason: 'Refused' })
    expect(await passOfAnotherProcess()).toMatchObject({ result: 'unchanged' })
  })
})

test('a response about another tag object is not accepted', async (context) => {
  const { key } = await keys(context)
  await withGitHub(async ({ source, github, repository }) => {
    await repository.commit({ 'prompts/a.txt': 'text\n' })
    await signTag(repository, 'v1.0.0', { key })
    const object = await repository.git('rev-parse', 'refs/tags/v1.0.0')
    const git = source()
    const snapshot = await git.open(await git.listRefs())
    // Of the message, too, only what its name proves is believed.
    github.alter = (operation, answer) => {
      const body = answer.body as { sha: string }
      if (operation === 'query ReadTags')
        return { ...answer, body: JSON.parse(JSON.stringify(body).replace('release v1.0.0', 'other words')) }
      return operation.endsWith('/git/tags/{tag_sha}')
        ? { ...answer, body: { ...body, sha: object.replaceAll(/[0-9]/g, 'a') } }
        : answer
    }
    await expect(snapshot.tagObjects([object])).rejects.toMatchObject({ code: 'unreachable' })
    github.alter = (_, answer) => answer
    expect((await snapshot.tagObjects([object])).get(object)?.signature?.armored).toMatch(
      /^-----BEGIN SSH SIGNATURE-----/,
    )
    await snapshot.close()
  })
})

test('with "warn", the finding of a tag that counts is reported even after a kill', async (context) => {
  const { verify } = await keys(context)
  await withGitHub(async (world) => {
    const { source, repository } = world
    await repository.commit({ 'prompts/a.txt': 'text\n' })
    await repository.tag('v1.0.0', { annotated: true })
    const controller = await controllerAt(world, 'api', { ...verify, tags: 'warn' })
    const killed = {
      ...controller.api,
      batch: () => Promise.reject(new Error('killed')),
      recordSource: recordOnce(controller.api),
    }
    await controller.sync({ git: source(), api: killed })
    const report = await controller.sync({ git: source(), retryNow: true })
    expect(report.result).toBe('synced')
    expect(tagsOf(report, 'tag_unverified')).toEqual(['v1.0.0'])
  })
})

test('without "verify", tag objects are read once, for the audit trail of their releases', async (context) => {
  const { key } = await keys(context)
  await withGitHub(async (world) => {
    await makeReleases(world, key)
    const controller = await controllerAt(world, 'api', { tags: 'off' })
    expect(await controller.sync({ git: world.source() })).toMatchObject({ result: 'synced' })
    expect(readings(world.asked())).toEqual({ together: 1, alone: 0 })
    expect(await controller.sync({ git: world.source(), force: true })).toMatchObject({ result: 'synced' })
    expect(readings(world.asked())).toEqual({ together: 0, alone: 0 })
    expect((await controller.api.events('a', { limit: 100 })).events).toContainEqual(
      expect.objectContaining({
        details: expect.objectContaining({ tag: 'v1.10.0', tagger: 'Cleo Committer <cleo@example.com>' }),
      }),
    )
  })
})
