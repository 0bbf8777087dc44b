import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { githubDelivery, githubPayloads } from '../support/webhook-deliveries.ts'
import { openConnection } from './connection.ts'
import { changeFloor, importFloor } from './git-floor.ts'
import { changeOne, largeRepository } from './large-repository.ts'
import { fill, measure, shown, start } from './reader-load.ts'

/**
 * Rows 11 and 14 of the targets, in `serve`: from a webhook to its answer, and to the draft of the commit, which changes
 * one of many prompts. First alone, then beside 64 readers that each read every 20 ms. The floor is what git alone takes
 * to find the change.
 *
 *   npm run bench -- webhook [prompts] [deliveries]
 */
const [prompts = 10_000, deliveries = 50] = process.argv.slice(2).map(Number)
const SECRET = 'the-secret-of-the-benchmark'

const folder = await mkdtemp(join(tmpdir(), 'bench-webhook-'))
const repository = await largeRepository(join(folder, 'upstream'), { prompts })
const clone = join(folder, 'floor')
await importFloor(repository, clone)
process.env.HOOK_SECRET = SECRET
const webhook = { host: 'github', secretEnv: 'HOOK_SECRET' }
const server = await start(await mkdtemp(join(folder, 'home-')), 1, [
  { name: 'big', repository, schedule: '1h', webhook },
])
await server.saw(/big: synced/)
const connection = await openConnection(new URL(server.url))
let commits = 0

console.log(`alone: ${await deliver()}`)
const known = await fill(server.url)
const end = Promise.withResolvers<void>()
const reading = measure(server.url, 64, known, end.promise, 20)
console.log(`beside 64 readers: ${await deliver()}`)
end.resolve()
console.log(`those readers: ${shown(await reading)}`)
connection.close()
await server.stop()
await rm(folder, { recursive: true })

async function deliver(): Promise<string> {
  const [answered, visible, floor]: [number[], number[], number[]] = [[], [], []]
  for (let n = 0; n < deliveries; n++) {
    const text = `changed by commit ${++commits}`
    await changeOne(repository, text)
    const { headers, body } = githubDelivery('push', githubPayloads('push')[0], SECRET)
    const begun = performance.now()
    const { status } = await fetch(`${server.url}/webhooks/big`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    })
    if (status !== 202) throw new Error(`A delivery was answered ${status}`)
    answered.push(performance.now() - begun)
    while (!(await connection.ask('GET', '/prompts/g1/p1?mode=dev')).includes(text)) await pause(2)
    visible.push(performance.now() - begun)
    const before = performance.now()
    await changeFloor(clone)
    floor.push(performance.now() - before)
  }
  const sorted = (all: number[]) => shown(all.sort((a, b) => a - b))
  return `answered ${sorted(answered)} | draft visible ${sorted(visible)} | floor ${sorted(floor)}`
}
