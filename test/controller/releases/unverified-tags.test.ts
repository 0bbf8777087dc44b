import { describe, expect, test } from 'vitest'
import { joinKeys, splitKeys, tagKey, verifyTags } from '../../../controller/releases/unverified-tags.ts'
import type { GitSnapshot, Oid, TagRef } from '../../../controller/source/git-source.ts'

const SIGNER =
  'ada@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g'
const oid = (digit: number) => String(digit).repeat(40)
const ref = (name: string, object = 1): TagRef => ({ name, commit: oid(9), object: oid(object) })

/** A view in which no tag is signed, and what it was asked for; it gives so many at most. */
function unsignedSnapshot(most: number) {
  const asked: Oid[] = []
  const tagSignatures: GitSnapshot['tagSignatures'] = async (objects) => {
    asked.push(...objects)
    return new Map(asked.slice(0, most).map((object) => [object, null]))
  }
  return { asked, snapshot: { tagSignatures } as GitSnapshot }
}

interface Known {
  readonly known?: readonly TagRef[]
  readonly messages?: Readonly<Record<string, string>>
  readonly again?: boolean
  readonly counted?: readonly string[]
  readonly most?: number
}

async function look(
  tags: readonly TagRef[],
  listed = tags,
  { known = [], messages = {}, again = false, counted = [], most = 9 }: Known = {},
) {
  const { asked, snapshot } = unsignedSnapshot(most)
  const found = await verifyTags(tags, listed, {
    verify: { tags: 'require', allowedSigners: SIGNER, gpgKeys: [] },
    snapshot,
    ledger: new Map(counted.map((name) => [name, oid(9)])),
    now: 0,
    known: { keys: new Set(known.map(tagKey)), messages: new Map(Object.entries(messages)), again },
  })
  const told = [...(found?.unverified.values() ?? [])].map(({ message }) => message)
  return { asked, told, pending: [...(found?.pending ?? [])] }
}

describe('tags that nobody who may has signed', () => {
  test('are told, and not asked for again while they are the same', async () => {
    const first = await look([ref('v1', 1), ref('v2', 2)])
    expect(first).toMatchObject({
      asked: [oid(2), oid(1)],
      told: [expect.stringMatching(/"v2"/), expect.stringMatching(/"v1"/)],
    })
    const second = await look([ref('v1', 1), ref('v2', 2)], [], {
      known: [ref('v1', 1)],
      messages: { v1: 'As before.' },
    })
    expect(second).toMatchObject({ asked: [oid(2)], told: ['As before.', expect.stringMatching(/"v2"/)] })
  })

  test('are asked for again with another tag object or under another name, and where it is wished', async () => {
    const known = [ref('v1', 1)]
    expect((await look([ref('v1', 2)], [], { known })).asked).toEqual([oid(2)])
    expect((await look([ref('v2', 1)], [], { known })).asked).toEqual([oid(1)])
    expect((await look([ref('v1', 1)], [], { known, again: true })).asked).toEqual([oid(1)])
  })

  test('stay told where the words were not kept', async () => {
    const { asked, told } = await look([ref('v1')], [], { known: [ref('v1')] })
    expect(asked).toEqual([])
    expect(told).toEqual([
      expect.stringMatching(/^The tag "v1" does not count: it is as it was when it was looked at\./),
    ])
  })

  test('stay told where they counted, and others that counted are not looked at', async () => {
    const counted = { known: [ref('v1', 1)], messages: { v1: 'It counts, but.' }, counted: ['v1', 'v2'] }
    const listed = [ref('v1', 1), ref('v2', 2)]
    expect(await look([], listed, counted)).toMatchObject({ asked: [], told: ['It counts, but.'] })
    expect(await look([], listed, { ...counted, again: true })).toMatchObject({
      asked: [oid(1)],
      told: [expect.stringMatching(/^The tag "v1" counts, but it is not signed/)],
    })
    expect(await look([], [ref('v1', 3)], counted)).toMatchObject({ asked: [], told: [] })
  })

  test('are looked at from the newest release on, and wait where a host gives only some', async () => {
    const tags = [ref('v1.10.0', 1), ref('v1.2.0', 2), ref('v1.9.0', 3), { name: 'v1.1.0', commit: oid(9) }]
    expect(await look(tags, [], { most: 2 })).toEqual({
      asked: [oid(1), oid(3), oid(2)],
      told: [/v1\.10\.0/, /v1\.9\.0/, /v1\.1\.0/].map((words) => expect.stringMatching(words)),
      pending: ['v1.2.0'],
    })
  })

  test('need no request where they are lightweight', async () => {
    const { asked, told } = await look([{ name: 'v1', commit: oid(9) }])
    expect([asked, told]).toEqual([[], [expect.stringMatching(/it is not signed/)]])
  })
})

test('what is remembered of tags fits into a state, and comes back as it was', () => {
  const keys = Array.from({ length: 6000 }, (_, index) => tagKey(ref(`v1.${index}.0`)))
  const joined = joinKeys(keys)
  expect(joined.length).toBeLessThanOrEqual(30_000)
  expect(splitKeys(joined)).toEqual(new Set(keys.slice(0, 5000)))
  expect(splitKeys('')).toEqual(new Set())
})
