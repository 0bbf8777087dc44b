import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type TestContext, test } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { parseState } from '../../../controller/state/source-state.ts'
import { makeController } from '../../support/controller.ts'
import { type GitHubWorld, withGitHub } from '../../support/github/world.ts'
import { signingMissing, signTag, sshKey } from '../../support/signing.ts'
import { skipWithout } from './git-world.ts'

const READ_TAG = 'GET /git/tags/{tag_sha}'

async function controllerAt({ root, repository }: GitHubWorld, name: string, verify: object) {
  const folder = join(root, name)
  await mkdir(folder)
  return makeController({ folder, repository: repository.path, source: { verify } })
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

test('by GitHub, the same tags are verified as by git, and only tag objects that may be releases are read', async (context) => {
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
    expect(report.findings.filter(({ kind }) => kind === 'unverified')).toHaveLength(8)
    expect(report.findings.filter(({ kind }) => kind === 'unreachable')).toHaveLength(1)
    // Four signed and four annotated ones.
    expect(asked().filter((one) => one === READ_TAG)).toHaveLength(8)
    const { aliases } =
      (await byApi.api.versions('a', {})).versions.find(({ status }) => status === 'stable') ?? {}
    expect(aliases).toEqual(['1.9.0'])
  })
})

test('a process that remembers nothing reads only the tag objects that are new, and those that were signed anew', async (context) => {
  const { key, verify } = await keys(context)
  await withGitHub(async (world) => {
    const { source, repository, asked } = world
    await makeReleases(world, key)
    const controller = await controllerAt(world, 'api', verify)
    const first = await controller.sync({ git: source() })
    asked()
    await repository.commit({ 'prompts/a.txt': 'newest\n' })
    await signTag(repository, 'v2.0.0', { key })
    const second = await controller.sync({ git: source() })
    expect(second.counts).toMatchObject({ promoted: 1 })
    expect(second.findings).toEqual(first.findings)
    expect(asked().filter((one) => one === READ_TAG)).toHaveLength(1)

    await signTag(repository, 'v1.11.0', { key, at: 'v1.11.0^{commit}' })
    const third = await controller.sync({ git: source() })
    expect(third.findings.filter(({ kind }) => kind === 'unverified')).toHaveLength(7)
    expect(asked().filter((one) => one === READ_TAG)).toHaveLength(1)

    // A full pass judges all of them again; whoever keeps what was read asks only once.
    const git = source()
    await controller.sync({ git, force: true })
    expect(asked().filter((one) => one === READ_TAG)).toHaveLength(4)
    await controller.sync({ git, force: true })
    expect(asked().filter((one) => one === READ_TAG)).toHaveLength(0)
  })
})

test('where the host gives only some tag objects at a time, the newest releases come first and the rest with the next passes', async (context) => {
  const { key, verify } = await keys(context)
  await withGitHub(async (world) => {
    await makeReleases(world, key)
    const whole = await controllerAt(world, 'whole', verify)
    await whole.sync()
    const controller = await controllerAt(world, 'api', verify)
    const passOfAnotherProcess = () =>
      controller.sync({ git: world.source({ limits: { tagObjects: 3 } }), retryNow: true })

    const first = await passOfAnotherProcess()
    expect(first).toMatchObject({
      result: 'incomplete',
      message: expect.stringMatching(/of 5 tags are not read yet/),
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
    expect(await passOfAnotherProcess()).toMatchObject({ result: 'incomplete' })
    expect(await passOfAnotherProcess()).toMatchObject({ result: 'synced', message: null })
    expect(world.asked().filter((one) => one === READ_TAG)).toHaveLength(8)
    expect(await versions(controller)).toEqual(await versions(whole))
    const conditionsOf = async ({ api }: typeof whole) =>
      parseState((await api.source('demo')).state)?.conditions
    const verified = (await conditionsOf(controller))?.find(({ type }) => type === 'Verified')
    expect(verified).toMatchObject({ status: 'False', reason: 'refused' })
    expect(await passOfAnotherProcess()).toMatchObject({ result: 'unchanged' })
  })
})

test('what GitHub says of another tag object than the one asked for is not believed', async (context) => {
  const { key } = await keys(context)
  await withGitHub(async ({ source, github, repository }) => {
    await repository.commit({ 'prompts/a.txt': 'text\n' })
    await signTag(repository, 'v1.0.0', { key })
    const object = await repository.git('rev-parse', 'refs/tags/v1.0.0')
    const git = source()
    const snapshot = await git.open(await git.listRefs())
    github.alter = (operation, answer) =>
      operation.endsWith('/git/tags/{tag_sha}')
        ? { ...answer, body: { ...(answer.body as object), sha: object.replaceAll(/[0-9]/g, 'a') } }
        : answer
    await expect(snapshot.tagSignatures([object])).rejects.toMatchObject({ code: 'unreachable' })
    github.alter = (_, answer) => answer
    expect((await snapshot.tagSignatures([object])).get(object)?.armored).toMatch(
      /^-----BEGIN SSH SIGNATURE-----/,
    )
    await snapshot.close()
  })
})

test('with "warn", what was found of a tag that counts is still told where the pass was killed meanwhile', async (context) => {
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
    const told = [expect.objectContaining({ kind: 'unverified', subject: 'v1.0.0' })]
    expect(await controller.sync({ git: source(), retryNow: true })).toMatchObject({
      result: 'synced',
      findings: told,
    })
  })
})

test('without "verify" no tag object is read', async (context) => {
  const { key } = await keys(context)
  await withGitHub(async (world) => {
    await makeReleases(world, key)
    const controller = await controllerAt(world, 'api', { tags: 'off' })
    expect(await controller.sync({ git: world.source() })).toMatchObject({ result: 'synced' })
    expect(world.asked()).not.toContain(READ_TAG)
  })
})
