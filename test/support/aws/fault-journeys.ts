import { expect } from 'vitest'
import { type ErrorCode, RegistryError } from '../../../api/contract/errors.ts'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { passAt, SOURCE, stoppedPassAt } from '../sets.ts'
import type { Fault } from './proxy.ts'
import {
  type AwsRegistry,
  allRows,
  awsRegistry,
  copyOf,
  foreignRows,
  putText,
  restore,
  seed,
  type WorldCopy,
} from './registry.ts'
import { type AwsWorld, makeWorld } from './world.ts'

export interface Journey {
  readonly name: string
  /** Takes minutes if every call fails once. */
  readonly isLong?: true
  readonly start: (world: AwsWorld, registry: AwsRegistry) => Promise<unknown>
  /** Interrupted between any two calls, and then repeated. */
  readonly act: (api: RegistryApi, registry: AwsRegistry) => Promise<unknown>
}

const at = { created_at: { S: '2026-01-01T00:00:00.000Z' } }
const THREE = ['1.9.0', '1.10.0', '1.2.0'].map((version) => ({
  version,
  text: `text of ${version}`,
  more: at,
}))

const pushed = async (_: AwsWorld, { admin }: AwsRegistry) => {
  for (const version of ['1.0.0', '2.0.0']) {
    await admin.push({ prompt_id: 'p', content: `text of ${version}`, version })
    await admin.promote('p', { version })
  }
  await admin.push({ prompt_id: 'p', content: 'text of 3.0.0', version: '3.0.0' })
}
/** The source's pass promoted 3.0.0 under its lease, and has not moved the pointer yet. */
const served = async (_: AwsWorld, { admin }: AwsRegistry) => {
  for (const version of ['1.0.0', '2.0.0']) await passAt(admin, version, { p: `text of ${version}` })
  const token = await stoppedPassAt(admin, '3.0.0', { p: 'text of 3.0.0' })
  await admin.lease(SOURCE, { holder: 'pass', token, release: true })
}
const seeded = (world: AwsWorld) => seed(world, 'p', ...THREE)
const manySeeded = (world: AwsWorld) =>
  seed(
    world,
    'p',
    ...Array.from({ length: 26 }, (_, index) => ({
      version: `1.${index}.0`,
      text: `text ${index}`,
      more: at,
    })),
  )

export const JOURNEYS: readonly Journey[] = [
  {
    name: 'the first push',
    start: async () => undefined,
    act: (api) => api.push({ prompt_id: 'p', content: 'new' }),
  },
  { name: 'a push', start: pushed, act: (api) => api.push({ prompt_id: 'p', content: 'new', tags: ['t'] }) },
  {
    name: 'a push whose key has other content',
    isLong: true,
    start: async (world, registry) => {
      await pushed(world, registry)
      await putText(world, 'p/4.0.0.txt', 'other content')
    },
    act: (api) =>
      api.push({ prompt_id: 'p', content: 'new', version: '4.0.0' }).catch(unless('version_exists')),
  },
  {
    name: 'a promotion',
    start: pushed,
    act: (api) => api.promote('p', { version: '3.0.0', alias: 'three' }),
  },
  { name: 'a rollback', start: pushed, act: (api) => api.rollback('p', { version: '1.0.0' }) },
  {
    name: 'a retirement',
    start: pushed,
    act: async (api) => {
      const retire = { op: 'retire' as const, prompt_id: 'p', release: '9.0.0' }
      const [answer] = (await api.batch({ operations: [retire] })).outcomes
      if (answer?.ok === false) throw new RegistryError(answer.code as ErrorCode, answer.error)
    },
  },
  { name: 'a revocation', start: pushed, act: (api) => api.revoke('p', { version: '2.0.0' }) },
  {
    name: 'a move of a pointer',
    start: served,
    act: (api) => api.moveSet(SOURCE, { release: 'v3.0.0' }),
  },
  {
    name: 'a rollback of a member of a set',
    start: served,
    act: (api) => api.rollback('p', { version: '1.0.0' }),
  },
  {
    name: 'a push to a seeded prompt',
    isLong: true,
    start: seeded,
    act: (api) => api.push({ prompt_id: 'p', content: 'new' }),
  },
  {
    name: 'a promotion of a seeded prompt',
    start: seeded,
    act: (api) => api.promote('p', { version: '1.2.0' }),
  },
  {
    name: 'the adoption of all',
    isLong: true,
    start: seeded,
    act: (_, registry) => registry.adoptSeeded({ actor: 'ada' }),
  },
  {
    name: 'the adoption of very many versions',
    isLong: true,
    start: manySeeded,
    act: (api) => api.promote('p', { version: '1.3.0' }),
  },
]

function unless(code: string) {
  return (error: unknown) => {
    if (!(error instanceof RegistryError) || error.code !== code) throw error
  }
}

/** Everything that readers see of the prompt, without values that differ from run to run. */
async function stateOf(world: AwsWorld) {
  const { admin, prompts, sets } = awsRegistry(world)
  const snapshot = await prompts.snapshot('p')
  if (snapshot === undefined) return { rows: await foreignRows(world, 'p') }
  const { versions } = await admin.versions('p', { limit: 100 })
  const texts = await Promise.all(
    versions
      .filter(({ status }) => status !== 'revoked')
      .map(async ({ version }) => [version, (await admin.resolve(`p@${version}`, { mode: 'dev' })).content]),
  )
  const { events } = await admin.events('p', { limit: 100 })
  const pointer = (await sets.pointer(SOURCE)) ?? null
  const members = pointer && (await sets.get(pointer.move.set ?? ''))
  return {
    set: { pointer, members, moves: (await sets.moves(SOURCE, { limit: 100 })).items },
    head: { ...snapshot.head, hold: snapshot.head.hold?.kind },
    versions: versions.map(({ created_at: _, ...row }) => row),
    texts,
    events: events.map(({ id: _, ...event }) => event),
    rows: await foreignRows(world, 'p'),
    listed: (await admin.list()).prompts.map(({ prompt_id, stable, latest }) => [prompt_id, stable, latest]),
  }
}

/** A world at the start of its journey, and a registry that does not retry lost connections. */
async function begin(start: WorldCopy) {
  const world = await makeWorld()
  await restore(world, start)
  return { world, fragile: awsRegistry(world, { retries: { broken: 0 } }) }
}

async function startOf(journey: Journey): Promise<WorldCopy> {
  const world = await makeWorld()
  try {
    await journey.start(world, awsRegistry(world))
    return await copyOf(world)
  } finally {
    await world.close()
  }
}

/** Readers see one state or the other and nothing else, and one stable version if there was one. */
function expectWhole(now: unknown, before: unknown, after: unknown, place: string): void {
  const [seen, ...known] = [now, before, after].map((state) => withoutRows(state))
  expect(known, `after a fault at ${place}`).toContain(seen)
}

/** The keys of content and the demoted rows of a seeded prompt may change before its adoption. */
function withoutRows(state: unknown): string {
  return JSON.stringify(state, (key, value) => (key === 'rows' ? undefined : value))
}

const WRITES = ['PutObject', 'TransactWriteItems', 'BatchWriteItem']

/**
 * Fails every call of a journey in turn, each in a new world. Readers must then see the prompt before or after the
 * change, and a retry must complete it. A lost response only matters for writes.
 */
export async function strikeEveryCall(journey: Journey, fault: 'break' | 'drop'): Promise<void> {
  const start = await startOf(journey)
  const undisturbed = await begin(start)
  const { world } = undisturbed
  const before = await stateOf(world)
  world.proxy.reset()
  await journey.act(undisturbed.fragile.admin, undisturbed.fragile)
  const calls = world.proxy.calls.map(({ action }) => action)
  const after = await stateOf(world)
  await world.close()
  expect(calls.length).toBeGreaterThanOrEqual(2)
  for (const [position, action] of calls.entries()) {
    if (fault === 'break' || WRITES.includes(action))
      await strike(journey, fault, { start, before, after, position })
  }
}

interface Strike {
  readonly start: WorldCopy
  readonly before: unknown
  readonly after: unknown
  readonly position: number
}

async function strike(
  journey: Journey,
  fault: Fault,
  { start, before, after, position }: Strike,
): Promise<void> {
  const { world, fragile } = await begin(start)
  try {
    world.proxy.reset()
    let struck = ''
    world.proxy.fault = ({ action }, number) => {
      if (number !== position) return undefined
      struck = `${action}, call ${number + 1}`
      return fault
    }
    await journey.act(fragile.admin, fragile).catch(unlessUnavailable)
    world.proxy.fault = null
    expect(struck).not.toBe('')
    const wrote = world.proxy.calls.some(({ action }) => WRITES.includes(action))
    if (wrote) expectWhole(await stateOf(world), before, after, struck)
    else expect(await allRows(world), struck).toEqual(start.rows)
    await journey.act(fragile.admin, fragile)
    expect(await stateOf(world), struck).toEqual(after)
  } finally {
    await world.close()
  }
}

function unlessUnavailable(error: unknown): void {
  if (error instanceof RegistryError && ['unavailable', 'busy'].includes(error.code)) return
  throw error
}
