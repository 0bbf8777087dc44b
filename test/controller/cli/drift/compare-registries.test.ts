import { describe, expect, test } from 'vitest'
import type { PromptRow } from '../../../../api/contract/registry-api.ts'
import { compareRegistries } from '../../../../controller/cli/drift/compare-registries.ts'

const ROW: PromptRow = {
  ...{ prompt_id: 'p', stable: 'a', stable_release: '1.0.0', stable_released_at: null, stable_identity: 'A' },
  ...{
    stable_payload_sha256: null,
    stable_by: 'source',
    latest: 'a',
    latest_status: 'stable',
    latest_identity: 'A',
  },
  ...{
    latest_by: 'source',
    highest_release: '1.0.0',
    highest_identity: 'A',
    rolled_back: [],
    source: 'support',
  },
  ...{
    hold: null,
    archived: false,
    moved_to: null,
    deleted: false,
    retired: null,
    description: null,
    tags: [],
  },
  ...{ revision: 1, created_at: null, updated_at: null },
}
const HOLD = { since: '', actor: 'ada', reason: null, rolled_back_from: null, above: null }

const git = (identity: string | null, release = '1.0.0') => new Map([['p', { release, identity }]])
const row = (fields: Partial<PromptRow>): PromptRow => ({ ...ROW, ...fields })

/** The registries that differ, each with the state of the prompt there. */
function differences(wanted: Parameters<typeof compareRegistries>[0], ...registries: PromptRow[][]) {
  const named = registries.map((rows, index) => ({ name: `r${index}`, rows }))
  return compareRegistries(wanted, named).flatMap(({ prompt_id, registries, differs }) =>
    differs.map((name) => `${prompt_id} ${name} ${registries[name]?.state}`),
  )
}

describe('a prompt differs by its identity', () => {
  test.each<[string, string[], Partial<PromptRow>]>([
    ['not if it is the one of git, under another name', [], { stable: '1.0', stable_release: null }],
    ['if another release is stable', ['p r0 released'], { stable_identity: 'B' }],
    ['if it was rolled back', ['p r0 rolled back'], { stable_identity: 'B', stable_by: 'rollback' }],
    ['if it was revoked', ['p r0 after a revocation'], { stable_identity: 'B', stable_by: 'revocation' }],
    ['if a person promoted another', ['p r0 by hand'], { stable_identity: 'B', stable_by: 'person' }],
    ['if it is frozen', ['p r0 frozen'], { stable_identity: 'B', hold: { ...HOLD, kind: 'until_lifted' } }],
    ['if nothing is stable', ['p r0 no release'], { stable: null, stable_identity: null }],
    ['if it was deleted', ['p r0 missing'], { deleted: true }],
  ])('%s', (_, expected, fields) => {
    expect(differences(git('A'), [row(fields)])).toEqual(expected)
  })
})

test('a prompt that git retired differs where it still serves', () => {
  const retired = row({ stable: null, stable_identity: null, retired: '2.0.0' })
  expect(differences(git(null, '2.0.0'), [row({})], [retired])).toEqual(['p r0 released'])
})

test('a prompt that git does not release is compared with the first registry', () => {
  const none = new Map()
  expect(differences(none, [row({})], [row({ stable_identity: 'B' })], [row({})])).toEqual(['p r1 released'])
  expect(differences(none, [row({})], [])).toEqual(['p r1 missing'])
  expect(differences(none, [], [row({})])).toEqual(['p r1 released'])
  expect(differences(none, [row({ stable_identity: 'B' })])).toEqual([])
})
