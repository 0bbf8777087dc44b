import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { describeOnAws } from '../../../support/aws/moto.ts'
import { awsRegistry, foreignRows, seed } from '../../../support/aws/registry.ts'
import { type AwsWorld, makeWorld } from '../../../support/aws/world.ts'

const NODE = fileURLToPath(new URL('../../../../node_modules/.bin/node', import.meta.url))
const PROMOTER = fileURLToPath(new URL('../../../support/aws/promoter.ts', import.meta.url))
const EACH = 10

interface Promoter {
  readonly ready: Promise<void>
  /** Starts all its promotions at once and returns their outcomes. */
  go(): Promise<string[]>
}

function promoter(world: AwsWorld, name: string, labels: readonly string[]): Promoter {
  const args = [PROMOTER, world.proxy.url, world.table, world.bucket, name, String(EACH), ...labels]
  const child = spawn(NODE, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill())
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const line = async () => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`${name} ended before it answered`)
    return String(value)
  }
  const ready = line().then(() => undefined)
  return {
    ready,
    async go() {
      child.stdin.write('go\n')
      return JSON.parse(await line())
    },
  }
}

describeOnAws('many promotions at once from two processes', () => {
  for (const start of ['pushed', 'seeded'] as const) {
    test(`of ${start} versions show one stable version at any time`, async () => {
      const world = await makeWorld()
      onTestFinished(world.close)
      const labels = ['1.0.0', '2.0.0', '3.0.0', '4.0.0']
      if (start === 'seeded') await seed(world, 'p', ...labels.map((version) => ({ version, text: version })))
      else await pushAll(world, labels)
      const two = [promoter(world, 'one', labels), promoter(world, 'two', labels)]
      await Promise.all(two.map(({ ready }) => ready))

      let working = true
      const watching = [watch(world, () => working), watch(world, () => working)]
      const outcomes = (await Promise.all(two.map(({ go }) => go()))).flat()
      working = false

      for (const seen of await Promise.all(watching)) {
        // Seeded rows keep Terraform's status until the first promotion. From then on exactly one is stable.
        const first = seen.findIndex(({ stables }) => stables === 1)
        const stables = seen.map((look) => look.stables)
        expect(new Set(stables.slice(0, first))).toEqual(new Set(first > 0 ? [labels.length] : []))
        expect(new Set(stables.slice(first))).toEqual(new Set([1]))
        if (start === 'pushed') expect(first).toBe(0)
        expect(seen.filter(({ text, version }) => text !== version)).toEqual([])
      }
      expect(outcomes).toHaveLength(2 * EACH)
      const expected = ['promoted', 'unchanged', 'revision_conflict']
      expect(outcomes.filter((outcome) => !expected.includes(outcome))).toEqual([])
      await expectConsistent(world, outcomes.filter((outcome) => outcome === 'promoted').length, start)
    })
  }
})

async function pushAll(world: AwsWorld, labels: readonly string[]): Promise<void> {
  const { admin } = awsRegistry(world)
  for (const version of labels) await admin.push({ prompt_id: 'p', content: version, version })
  await admin.promote('p', { version: labels[0] ?? '' })
}

/**
 * The view of a reader, lastly after all promotions: the number of stable rows, for readers of the rows, and the
 * result of a resolve.
 */
async function watch(world: AwsWorld, goOn: () => boolean) {
  const { admin } = awsRegistry(world)
  const seen: { stables: number; version: string; text: string }[] = []
  for (let last = false; !last; ) {
    last = !goOn()
    const rows = await foreignRows(world, 'p')
    const { version, content } = await admin.resolve('p')
    seen.push({ stables: rows.filter(({ status }) => status === 'stable').length, version, text: content })
  }
  return seen
}

/** The audit trail has every acknowledged promotion once, and the rows match the head. */
async function expectConsistent(
  world: AwsWorld,
  promoted: number,
  start: 'pushed' | 'seeded',
): Promise<void> {
  const { admin } = awsRegistry(world)
  const { events } = await admin.events('p', { limit: 1000 })
  const ofPromotions = events.filter(({ type }) => type === 'promoted')
  expect(ofPromotions).toHaveLength(promoted + (start === 'pushed' ? 1 : 0))
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => events.length - index))
  // Each promotion starts from the result of the previous one.
  for (const [index, event] of ofPromotions.slice(0, -1).entries())
    expect(event.from).toBe(ofPromotions[index + 1]?.to)
  const { version } = await admin.resolve('p')
  const rows = await foreignRows(world, 'p')
  expect(rows.filter(({ status }) => status === 'stable')).toMatchObject([{ version }])
  expect(ofPromotions[0]?.to).toBe(version)
}
