import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childSeconds } from './cpu.ts'
import { installPromptctl } from './installed.ts'
import { median } from './median.ts'
import { fill, start } from './reader-load.ts'

/**
 * Processor time of promptctl as it is installed, compiled code kept: `--version`, `--help`, and `list` against a
 * running server. The floor is an empty process of Node. The median of some rounds, one program after the other.
 *
 *   npm run bench -- cli [rounds]
 */
const ROUNDS = Number(process.argv[2] ?? 15)

const folder = await mkdtemp(join(tmpdir(), 'bench-cli-'))
const { bin, env } = await installPromptctl(folder)
const server = await start(await mkdtemp(join(folder, 'server-')), 1, [])
await fill(server.url)
await writeFile(join(folder, 'promptctl.yaml'), JSON.stringify({ registry: { url: server.url } }))
const empty = join(folder, 'empty.js')
await writeFile(empty, '')
const programs: Readonly<Record<string, readonly string[]>> = {
  'an empty process': [empty],
  'promptctl --version': [bin, '--version'],
  'promptctl --help': [bin, '--help'],
  'promptctl list, of a server': [bin, 'list'],
}
const taken = new Map(Object.keys(programs).map((name): [string, number[]] => [name, []]))
// The first round compiles.
for (let round = 0; round <= ROUNDS; round++)
  for (const [name, args] of Object.entries(programs)) {
    const before = childSeconds()
    await run(args)
    if (round > 0) taken.get(name)?.push((childSeconds() - before) * 1000)
  }
for (const [name, all] of taken) {
  const [least, middle, most] = [Math.min(...all), median(all), Math.max(...all)].map((ms) => ms.toFixed(0))
  console.log(`${name.padEnd(28)} ${middle} ms of processor time (${least} to ${most})`)
}
await server.stop()
await rm(folder, { recursive: true })

async function run(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`)
}
