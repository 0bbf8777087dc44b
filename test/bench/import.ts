import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childSeconds, ownSeconds } from './cpu.ts'
import { changeFloor, importFloor } from './git-floor.ts'
import { changeOne, largeRepository } from './large-repository.ts'
import { median } from './median.ts'
import { builtSync, homeOf, type SyncCosts } from './run-sync.ts'

/**
 * Rows 10, 11 and 15 of the targets: a first `promptctl sync` of many prompts, and one after a commit that changes one
 * of them, by the built promptctl, each beside its floor in the same round. The median of some rounds.
 *
 *   npm run bench -- import [prompts] [rounds]
 */
const [prompts = 10_000, rounds = 3] = process.argv.slice(2).map(Number)

const folder = await mkdtemp(join(tmpdir(), 'bench-import-'))
const repository = await largeRepository(join(folder, 'upstream'), { prompts })
const clone = join(folder, 'floor')
const sync = await builtSync(folder)
const found: Record<'import' | 'importFloor' | 'change' | 'changeFloor', Took[]> = {
  ...{ import: [], importFloor: [], change: [], changeFloor: [] },
}
let megabytes = 0
let processes = 0
for (let round = 1; round <= rounds; round++) {
  found.importFloor.push(await took(async () => check(await importFloor(repository, clone), prompts)))
  const home = await homeOf(folder, [{ name: 'big', repository, maxFiles: 200_000 }])
  const first = await sync(home)
  // From the second round on, one prompt has a draft after its release.
  check(Number(/(\d+) pushed/.exec(first.output.replaceAll(',', ''))?.[1]), prompts + (round > 1 ? 1 : 0))
  found.import.push(ofSync(first))
  megabytes = Math.max(megabytes, first.megabytes)
  await changeOne(repository, `changed in round ${round}`)
  found.changeFloor.push(await took(async () => check((await changeFloor(clone)).length, 1)))
  const second = await sync(home)
  check(Number(/(\d+) pushed/.exec(second.output)?.[1]), 1)
  found.change.push(ofSync(second))
  processes = second.processes
}
console.log(
  `import of ${prompts.toLocaleString('en')}: ${shown(found.import, found.importFloor)} | ${Math.round(megabytes)} MB`,
)
console.log(
  `one file among them, sync: ${shown(found.change, found.changeFloor)} | ${processes} git processes, floor 4`,
)
await rm(folder, { recursive: true })

/** In seconds: by the clock, and of the processor, with git. */
interface Took {
  readonly wall: number
  readonly cpu: number
}

function ofSync({ seconds, cpuSeconds, gitSeconds }: SyncCosts): Took {
  return { wall: seconds, cpu: cpuSeconds + gitSeconds }
}

async function took(work: () => Promise<void>): Promise<Took> {
  const [start, before] = [performance.now(), ownSeconds() + childSeconds()]
  await work()
  return { wall: (performance.now() - start) / 1000, cpu: ownSeconds() + childSeconds() - before }
}

function shown(ours: readonly Took[], floor: readonly Took[]): string {
  const figures = (['wall', 'cpu'] as const).map((kind) => {
    const [mine, least] = [ours, floor].map((all) => median(all.map((one) => one[kind]))) as [number, number]
    return `${kind} ${mine.toFixed(2)} s, floor ${least.toFixed(2)} s, ratio ${(mine / least).toFixed(1)}`
  })
  return figures.join(' | ')
}

function check(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${actual} instead of ${expected}`)
}
