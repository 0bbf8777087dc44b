import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { joinKeys, splitKeys, tagKey, verifyTags } from '../../../controller/releases/verify-tags.ts'
import { createGitSource } from '../../../controller/source/git/index.ts'
import type { GitSnapshot, TagRef } from '../../../controller/source/git-source.ts'
import type { Oid } from '../../../controller/source/oid.ts'
import type { VerifyConfig } from '../../../controller/verification/settings.ts'
import { createRepository } from '../../support/git-repository.ts'
import { scratchFolder } from '../../support/scratch.ts'
import { signingMissing, signTag, sshKey } from '../../support/signing.ts'
import { skipWithout } from '../source/git-world.ts'

const SIGNER =
  'ada@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g'
const VERIFY: VerifyConfig = { tags: 'require', allowedSigners: SIGNER, gpgKeys: [] }
const oid = (digit: number) => String(digit).repeat(40)
const ref = (name: string, object = 1): TagRef => ({ name, commit: oid(9), object: oid(object) })

/** A snapshot without signed tags, and its requests. It serves the first `most` tag objects. */
function unsignedSnapshot(most: number) {
  const asked: Oid[] = []
  const unsigned = { tagger: null, taggedAt: null, signature: null }
  const tagObjects: GitSnapshot['tagObjects'] = async (objects) => {
    asked.push(...objects)
    return new Map(asked.slice(0, most).map((object) => [object, unsigned]))
  }
  return { asked, snapshot: { tagObjects } }
}

interface Known {
  readonly known?: readonly TagRef[]
  readonly problems?: Readonly<Record<string, string>>
  readonly again?: boolean
  readonly counted?: readonly string[]
  readonly most?: number
}

/** Verifies new tags, next to all listed ones. */
async function verified(
  candidates: readonly TagRef[],
  listed = candidates,
  { known = [], problems = {}, again = false, counted = [], most = 9 }: Known = {},
) {
  const { asked, snapshot } = unsignedSnapshot(most)
  const found = await verifyTags(candidates, listed, {
    verify: VERIFY,
    snapshot,
    ledger: new Map(counted.map((name) => [name, oid(9)])),
    now: 0,
    known: { keys: new Set(known.map(tagKey)), problems: new Map(Object.entries(problems)), again },
  })
  return {
    asked,
    problems: Object.fromEntries(found?.unverified ?? []),
    pending: [...(found?.pending ?? [])],
  }
}

const UNSIGNED = 'it is not signed'

describe('tags without an accepted signature', () => {
  test('are reported, and not read again while they are unchanged', async () => {
    expect(await verified([ref('v1', 1), ref('v2', 2)])).toEqual({
      asked: [oid(2), oid(1)],
      problems: { v1: UNSIGNED, v2: UNSIGNED },
      pending: [],
    })
    const known = { known: [ref('v1', 1)], problems: { v1: 'as before' } }
    expect(await verified([ref('v1', 1), ref('v2', 2)], [], known)).toMatchObject({
      asked: [oid(2)],
      problems: { v1: 'as before', v2: UNSIGNED },
    })
  })

  test('are read again with another tag object, under another name, and if all are verified again', async () => {
    const known = [ref('v1', 1)]
    expect((await verified([ref('v1', 2)], [], { known })).asked).toEqual([oid(2)])
    expect((await verified([ref('v2', 1)], [], { known })).asked).toEqual([oid(1)])
    expect((await verified([ref('v1', 1)], [], { known, again: true })).asked).toEqual([oid(1)])
  })

  test('stay reported even if only their key is known', async () => {
    expect(await verified([ref('v1')], [], { known: [ref('v1')] })).toEqual({
      asked: [],
      problems: { v1: 'it is unchanged since the last check' },
      pending: [],
    })
  })

  test('stay reported if they count, while others that count are not verified', async () => {
    const counted = { known: [ref('v1', 1)], problems: { v1: 'as before' }, counted: ['v1', 'v2'] }
    const listed = [ref('v1', 1), ref('v2', 2)]
    expect(await verified([], listed, counted)).toMatchObject({ asked: [], problems: { v1: 'as before' } })
    expect(await verified([], listed, { ...counted, again: true })).toMatchObject({
      asked: [oid(1)],
      problems: { v1: UNSIGNED },
    })
    expect(await verified([], [ref('v1', 3)], counted)).toMatchObject({ asked: [], problems: {} })
  })

  test('are verified newest first, and wait if the host serves only some', async () => {
    const tags = [ref('v1.10.0', 1), ref('v1.2.0', 2), ref('v1.9.0', 3), { name: 'v1.1.0', commit: oid(9) }]
    expect(await verified(tags, [], { most: 2 })).toEqual({
      asked: [oid(1), oid(3), oid(2)],
      problems: { 'v1.10.0': UNSIGNED, 'v1.9.0': UNSIGNED, 'v1.1.0': UNSIGNED },
      pending: ['v1.2.0'],
    })
  })

  test('need no request if they are lightweight', async () => {
    expect(await verified([{ name: 'v1', commit: oid(9) }])).toEqual({
      asked: [],
      problems: { v1: UNSIGNED },
      pending: [],
    })
  })
})

test.each([undefined, { ...VERIFY, tags: 'off' as const }])(
  'nothing is asked for if the source does not verify tags: %j',
  async (verify) => {
    const { asked, snapshot } = unsignedSnapshot(9)
    const known = { keys: new Set<string>(), problems: new Map(), again: true }
    const input = { verify, snapshot, ledger: new Map(), now: 0, known }
    expect(await verifyTags([ref('v1')], [ref('v1')], input)).toBeNull()
    expect(asked).toEqual([])
  },
)

test('a tag of an allowed signer is verified with the name of the signer', async (context) => {
  skipWithout(context, signingMissing())
  const folder = await scratchFolder()
  const repository = await createRepository(join(folder, 'repository'))
  const key = await sshKey()
  await repository.commit({ 'prompts/a.txt': 'text' })
  await signTag(repository, 'v2', { key: key.path })
  await repository.tag('v1', { annotated: true })
  const git = createGitSource({
    repository: repository.path,
    cacheDir: join(folder, 'cache'),
    env: process.env,
  })
  const listing = await git.listRefs()
  const snapshot = await git.open(listing)
  const verify = { ...VERIFY, tags: 'warn' as const, allowedSigners: `cleo@example.com ${key.publicKey}` }
  const known = { keys: new Set<string>(), problems: new Map(), again: false }
  const input = { verify, snapshot, ledger: new Map(), now: Date.now(), known }
  expect(await verifyTags(listing.tags, listing.tags, input)).toEqual({
    mode: 'warn',
    signers: new Map([['v2', 'cleo@example.com']]),
    unverified: new Map([['v1', UNSIGNED]]),
    pending: new Set(),
  })
  await snapshot.close()
})

describe('the keys of tags', () => {
  test('fit into the state, and are read back unchanged', () => {
    const keys = Array.from({ length: 6000 }, (_, index) => tagKey(ref(`v1.${index}.0`)))
    const joined = joinKeys(keys)
    expect(joined.length).toBeLessThanOrEqual(30_000)
    expect(splitKeys(joined)).toEqual(new Set(keys.slice(0, 5000)))
    expect(splitKeys('')).toEqual(new Set())
  })

  test('change with the name and the object, which is the commit for a lightweight tag', () => {
    const keys = [ref('v1', 1), ref('v1', 2), ref('v2', 1), { name: 'v1', commit: oid(9) }].map(tagKey)
    expect(new Set(keys).size).toBe(4)
    expect(tagKey({ name: 'v1', commit: oid(1) })).toBe(tagKey(ref('v1', 1)))
  })
})
