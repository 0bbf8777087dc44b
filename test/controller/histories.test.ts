import { expect, test } from 'vitest'
import { createMemoryRepository } from '../support/histories/memory-repository.ts'
import { labelAt, rowsOf } from '../support/histories/reading.ts'
import type { Setting, Step } from '../support/histories/steps.ts'
import { textOf } from '../support/histories/texts.ts'
import { World } from '../support/histories/world.ts'

/** Histories that went wrong once, found by the property. */

const SETTING: Setting = { backfill: 20, prereleases: false, requireReachable: true, prune: false }
const commit = (changes: Extract<Step, { do: 'commit' }>['changes']): Step => ({
  do: 'commit',
  changes,
  aside: null,
})
const pass: Step = { do: 'pass', writer: 'first', force: false }
const settle: Step = { do: 'settle' }

const C = 'prompts/x/c.txt'
const add = commit({ [C]: 'one' })

function release(of: string | null, version: string, at = 0): Step {
  const name = of === null ? `v${version}` : `${of}@${version}`
  return { do: 'tag', meaning: { name, of, release: version }, at, annotated: false }
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
  ['is pushed back to where it was', { do: 'moveBranch', to: 1 }],
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
