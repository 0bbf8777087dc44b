import { expect, test } from 'vitest'
import { createMemoryRepository } from '../support/histories/memory-repository.ts'
import { findingsOf, labelAt, rowsOf } from '../support/histories/reading.ts'
import type { Setting, Step } from '../support/histories/steps.ts'
import { textOf } from '../support/histories/texts.ts'
import { World } from '../support/histories/world.ts'

/** Histories that went wrong once, found by the property. */

const SETTING: Setting = {
  massChange: false,
  freeze: [],
  backfill: 20,
  prereleases: false,
  requireReachable: true,
  prune: false,
}
const commit = (changes: Extract<Step, { do: 'commit' }>['changes']): Step => ({
  do: 'commit',
  changes,
  aside: null,
})
const pass: Step = { do: 'pass', writer: 'first', force: false }
const settle: Step = { do: 'settle' }

const C = 'prompts/x/c.txt'
const add = commit({ [C]: 'one' })

type Release = Extract<Step, { do: 'tag' }>
function release(of: Release['of'], version: string, back: 0 | 1 = 0): Step {
  return { do: 'tag', of, release: version, slash: false, at: { of: 'branch', back }, annotated: false }
}

async function after(steps: readonly Step[], setting: Partial<Setting> = {}): Promise<World> {
  const world = await World.begin(createMemoryRepository({ forgetful: false }), { ...SETTING, ...setting })
  for (const step of steps) await world.run(step)
  return world
}

test('a first pass promotes the newest release whose file can be read, however many broken ones came after it', async () => {
  const broken = ['1.1.0', '1.2.0', '1.3.0'].map((version) => release(null, version))
  const steps = [release(null, '1.0.0'), commit({ 'prompts/a.txt': 'empty' }), ...broken, settle]
  const { api } = await after(steps, { backfill: 1 })
  const one = textOf('one').version?.label
  expect((await rowsOf(api)).get('a')).toMatchObject({ stable: one, highest_release: '1.0.0' })
  expect(await labelAt(api, 'a@1.0.0')).toBe(one)
})

test.each([
  ['leaves the branch', [add, release('x/c', '0.9.0'), pass, commit({ [C]: null }), pass]],
  ['gets its first release late', [add, commit({ [C]: null }), pass, release('x/c', '0.9.0', 1), pass]],
])(
  'with prune, a prompt that %s goes out of service at once where a higher release lacks it',
  async (_, steps) => {
    const { api } = await after([release(null, '2.0.0'), pass, ...steps], { prune: true })
    const row = (await rowsOf(api)).get('x/c')
    expect(row).toMatchObject({ archived: true, stable: null, retired: '2.0.0', highest_release: '2.0.0' })
  },
)

test.each<[string, Step]>([
  ['commits its old text again', commit({ 'prompts/a.txt': 'one' })],
  ['is pushed back to where it was', { do: 'moveBranch', to: { of: 'branch', back: 1 } }],
])('drafts of a commit whose pass was killed go when the branch %s', async (_, next) => {
  const before = [commit({ 'prompts/a.txt': 'two', 'prompts/b.txt': null })]
  const trouble = { what: 'kill', at: 'batch', after: true } as const
  const killed: Step = { do: 'disturbedPass', before: [], writer: 'first', trouble, meanwhile: [] }
  const back = [next, ...(next.do === 'commit' ? [commit({ 'prompts/b.txt': 'two' })] : [])]
  const { api } = await after([pass, ...before, killed, ...back, pass])
  const rows = await rowsOf(api)
  expect(rows.get('a')).toMatchObject({ latest: textOf('one').version?.label })
  expect(rows.get('b')).toMatchObject({ archived: false })
})

test('what a full pass names does not hang on who still has the commits of a tag that is gone', async () => {
  const two = textOf('two').version?.label
  const steps: Step[] = [
    ...[release('a', '1.0.0'), commit({ 'prompts/a.txt': 'two' }), release('a', '1.1.0')],
    { do: 'commit', changes: { 'prompts/a.txt': 'three' }, aside: { of: 'branch', back: 0 } },
    { do: 'tag', of: 'a', release: '2.0.0', slash: false, at: { of: 'all', back: 0 }, annotated: false },
    ...[pass, { do: 'deleteTag', which: 0 } as const],
    ...(['first', 'second'] as const).map((writer): Step => ({ do: 'pass', writer, force: true })),
  ]
  const { api } = await after(steps, { backfill: 1, requireReachable: false })
  expect([await labelAt(api, 'a@1.0.0'), await labelAt(api, 'a@1.1.0')]).toEqual(['not_found', two])
  const { revision } = (await rowsOf(api)).get('a') ?? {}
  const world = await after(steps.slice(0, -1), { backfill: 1, requireReachable: false })
  expect((await rowsOf(world.api)).get('a')?.revision, 'after the first of the two').toBe(revision)
})

test('a broken file that gets another ending is quarantined under its new name', async () => {
  const broken = commit({ 'prompts/a.txt': 'empty' })
  const renamed: Step = { do: 'rename', from: 'prompts/a.txt', to: 'prompts/a.md' }
  const { api } = await after([pass, broken, pass, renamed, pass])
  const found = (await findingsOf(api)).filter(({ code }) => code === 'quarantined')
  expect(found.map(({ subject }) => subject.name)).toEqual(['prompts/a.md'])
})

test('releases that rollbacks hold back are no mass change, however many', async () => {
  const both = (text: 'three' | 'four') => commit({ 'prompts/a.txt': text, 'prompts/b.txt': text })
  const released = [release(null, '1.0.0'), pass, both('three'), release(null, '1.1.0'), pass]
  const back = (['a', 'b'] as const).map((id): Step => ({ do: 'rollback', id, hold: 'until_release' }))
  const world = await after([...released, ...back, release(null, '1.2.0'), pass])
  world.setting = { ...world.setting, massChange: { share: 0.5, least: 2 } }
  const report = await world.pass('first')
  expect(report).toMatchObject({ kind: 'full', result: 'synced', counts: { held: 2 } })
})

const rename = (from: string, to: string): Step => ({ do: 'rename', from, to })

test.each<[string, Step[], string]>([
  ['and no other commit follows', [], 'x/c'],
  ['and the file moves again', [rename(C, 'prompts/d.txt')], 'd'],
])('a prompt whose move is cut short has moved once the next pass is done, %s', async (_, others, to) => {
  for (const isLate of [false, true]) {
    const trouble = { what: 'kill', at: 'batch', after: isLate } as const
    const killed: Step = { do: 'disturbedPass', before: [], writer: 'first', trouble, meanwhile: [] }
    const { api } = await after([pass, rename('prompts/a.txt', C), killed, ...others, settle])
    expect((await rowsOf(api)).get('a')).toMatchObject({ archived: true, moved_to: to })
  }
})
