import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { scratchFolder } from '../support/scratch.ts'

const run = promisify(execFile)
const NODE = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url))
const MAIN = fileURLToPath(new URL('../../controller/cli/main.ts', import.meta.url))
const QUIET = '--disable-warning=ExperimentalWarning'

it('leads a newcomer from the demo through commit, draft, tag, stable and rollback, with the commands that it prints', async () => {
  const folder = await scratchFolder()
  const demo = startDemo(folder)
  const url = await demo.line(/^The registry is at (\S+) /)
  await demo.line(/^Press (Ctrl-C) to stop/)
  const printed = demo.printed()
  const first = await resolve(`${url}/prompts/triage`)
  expect(first.aliases).toEqual(['1.0.0'])

  await shell(folder, commandIn(printed, /echo .*/))
  await shell(folder, commandIn(printed, /git -C .* commit .*/))
  await demo.line(/(demo: synced .* 1 pushed)/)
  const draft = await resolve(`${url}/prompts/triage?mode=dev`)
  expect(draft).toMatchObject({ status: 'draft', content: `${first.content}Answer in English.\n` })
  expect(await resolve(`${url}/prompts/triage`)).toMatchObject({ version: first.version })

  await shell(folder, commandIn(printed, /git -C .* tag .*/))
  await demo.line(/(demo: synced .* 1 promoted)/)
  expect(await resolve(`${url}/prompts/triage`)).toMatchObject({ version: draft.version, status: 'stable' })

  const [, rollback = ''] = /npx promptctl (rollback .*)/.exec(printed) ?? []
  await shell(folder, `"${NODE}" ${QUIET} "${MAIN}" ${rollback}`)
  expect(await resolve(`${url}/prompts/triage`)).toMatchObject({ version: first.version, status: 'stable' })
  const { events } = await resolve(`${url}/prompts/triage/events`)
  expect(events).toContainEqual(expect.objectContaining({ type: 'rolled_back', reason: 'too chatty' }))

  expect(await demo.end()).toBe(0)
  const again = startDemo(folder)
  await again.line(/^Press (Ctrl-C) to stop/)
  await again.line(/(demo: unchanged)/)
  expect(again.printed()).not.toContain('Created the repository')
  expect(again.printed()).toContain('Try this in a second terminal')
  expect(await again.end()).toBe(0)
}, 60_000)

/** `promptctl serve --demo` as `npm start` runs it, on a free port. */
function startDemo(folder: string) {
  const child = spawn(NODE, [QUIET, MAIN, 'serve', '--demo', '--port', '0'], { cwd: folder })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  const waiting = new Set<() => void>()
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line)
    for (const wake of waiting) wake()
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    printed: () => lines.join('\n'),
    /** The first group of the first line that matches, once it is printed. */
    line: (pattern: RegExp) =>
      new Promise<string>((found) => {
        const look = () => {
          const match = lines.map((line) => pattern.exec(line)).find((one) => one !== null)
          if (match?.[1] === undefined) return
          waiting.delete(look)
          found(match[1])
        }
        waiting.add(look)
        look()
      }),
    end: async () => {
      child.kill('SIGTERM')
      return await ended
    },
  }
}

/** A printed command, without the remark behind it. */
function commandIn(printed: string, pattern: RegExp): string {
  const [command] = pattern.exec(printed) ?? []
  if (command === undefined) throw new Error(`nothing printed matches ${pattern}`)
  return command.replace(/\s{2,}\(.*\)$/, '')
}

async function shell(cwd: string, command: string): Promise<void> {
  await run('sh', ['-c', command], { cwd })
}

async function resolve(url: string) {
  return (await (await fetch(url)).json()) as Record<string, unknown>
}
