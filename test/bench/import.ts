import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { changeFloor, importFloor } from './git-floor.ts'
import { changeOne, largeRepository } from './large-repository.ts'
import { homeOf, sync } from './run-sync.ts'

/**
 * Rows 10, 11 and 15 of the targets: a first `promptctl sync` of many prompts, and one after a commit that changes one
 * of them, each beside its floor in the same round. The median of some rounds.
 *
 *   npm run bench -- import [prompts] [rounds]
 */
const [prompts = 10_000, rounds = 3] = process.argv.slice(2).map(Number)

const folder = await mkdtemp(join(tmpdir(), 'bench-import-'))
const repository = await largeRepository(join(folder, 'upstream'), { prompts })
const clone = join(folder, 'floor')
const found = {
  import: [] as number[],
  floor: [] as number[],
  change: [] as number[],
  changeFloor: [] as number[],
}
let megabytes = 0
for (let round = 1; round <= rounds; round++) {
  found.floor.push(await seconds(async () => check(await importFloor(repository, clone), prompts)))
  const home = await homeOf(folder, [{ name: 'big', repository, maxFiles: 200_000 }])
  const first = await sync(home)
  check(Number(/(\d+) pushed/.exec(first.output.replaceAll(',', ''))?.[1]), prompts)
  found.import.push(first.seconds)
  megabytes = Math.max(megabytes, first.megabytes)
  await changeOne(repository, `changed in round ${round}`)
  found.changeFloor.push(await seconds(async () => check((await changeFloor(clone)).length, 1)))
  const second = await sync(home)
  check(Number(/(\d+) pushed/.exec(second.output)?.[1]), 1)
  found.change.push(second.seconds)
}
console.log(
  `import of ${prompts.toLocaleString('en')}: ${shown(found.import, found.floor)}, ${Math.round(megabytes)} MB`,
)
console.log(`one file among them, sync: ${shown(found.change, found.changeFloor)}`)
await rm(folder, { recursive: true })

function shown(ours: readonly number[], floor: readonly number[]): string {
  const [mine, least] = [median(ours), median(floor)]
  return `${mine.toFixed(2)} s, floor ${least.toFixed(2)} s, ratio ${(mine / least).toFixed(1)}`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

function check(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${actual} instead of ${expected}`)
}
