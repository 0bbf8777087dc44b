import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { isolatedGitEnvironment } from '../../support/git-repository.ts'
import { makeCli } from './cli-under-test.ts'

/** The program as a user starts it: its source under plain Node, where some of what TypeScript takes is an error. */
const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url))
const PROGRAM = [
  path('node_modules/.bin/node'),
  '--disable-warning=ExperimentalWarning',
  path('controller/cli/main.ts'),
]

function start(cwd: string, command: readonly string[]) {
  const [program = '', ...args] = command
  const child = spawn(program, args, { cwd, env: isolatedGitEnvironment(), stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stdin.on('error', () => {})
  return { child, ended: once(child, 'close'), err: text(child.stderr) }
}

async function run(cwd: string, args: readonly string[], stdin = '') {
  const { child, ended, err } = start(cwd, [...PROGRAM, ...args])
  const out = text(child.stdout)
  child.stdin.end(stdin)
  const [code] = await ended
  return { code, out: await out, err: await err }
}

test('the program runs from its source, with the exit code and the streams of the command', async () => {
  const { folder } = await makeCli()
  const content = 'You sort 🗂️\r\nno line break at the end'
  expect(await run(folder, ['push', 'a', '--version', 'one'], content)).toMatchObject({ code: 0, err: '' })
  expect(await run(folder, ['get', 'a', '--mode', 'dev'])).toEqual({ code: 0, out: content, err: '' })
  const refused = await run(folder, ['get', 'a'])
  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).toMatch(/^error: .+ \[not_released\]\n$/)
  expect(await run(folder, ['nosuch'])).toMatchObject({ code: 2, out: '' })
})

test('a closed pipe ends the program silently', async () => {
  const { folder, withApi } = await makeCli()
  const push = (index: number) => ({
    op: 'push' as const,
    prompt_id: `${'long-segment/'.repeat(14)}${index}`,
    content: 'text',
  })
  // More than a pipe holds, so that the program is still writing when its reader goes.
  await withApi(async (api) => {
    for (let from = 0; from < 1000; from += 100)
      await api.batch({ operations: Array.from({ length: 100 }, (_, index) => push(from + index)) })
  })
  const script = '{ "$0" "$1" "$2" list; echo "exit $?" >&2; } | head -n 1'
  const { child, ended, err } = start(folder, ['sh', '-c', script, ...PROGRAM])
  expect(await text(child.stdout)).toMatch(/^PROMPT .+\n$/)
  await ended
  expect(await err).toBe('exit 0\n')
})

test.for(['SIGTERM', 'SIGINT'] as const)('%s ends serve with 0', async (signal) => {
  const { folder } = await makeCli()
  const { child, ended, err } = start(folder, [...PROGRAM, 'serve', '--port', '0'])
  const out = await served(child)
  child.kill(signal)
  expect(await ended).toEqual([0, null])
  expect(await err).toBe('')
  expect(out).toMatch(/^The registry is at http:\/\/127\.0\.0\.1:[1-9]\d* /)
})

test.for(['0', '1'])(
  'Ctrl-C again while serve with %s workers stops is ignored until it has stopped',
  async (workers) => {
    const { folder } = await makeCli()
    const { child, ended, err } = start(folder, [...PROGRAM, 'serve', '--port', '0', '--workers', workers])
    await served(child)
    // As long as it may be the same Ctrl-C, which others pass on.
    const storm = setInterval(() => child.kill('SIGINT'), 2)
    const calm = setTimeout(() => clearInterval(storm), 800)
    onTestFinished(() => {
      clearInterval(storm)
      clearTimeout(calm)
    })
    expect(await ended).toEqual([0, null])
    expect(await err).toBe('')
  },
)

test('a second Ctrl-C ends serve at once with 130, and everything committed stays', async () => {
  const { folder, withApi } = await makeCli()
  const { child, ended } = start(folder, [...PROGRAM, 'serve', '--port', '0'])
  const [url = ''] = /http:\S+/.exec(await served(child)) ?? []
  const request = { method: 'POST', headers: { 'content-type': 'application/json' } }
  const pushed = await fetch(`${url}/prompts`, {
    ...request,
    body: JSON.stringify({ prompt_id: 'a', content: 'kept' }),
  })
  expect(pushed.status).toBe(201)
  // A request in progress, for which serve waits.
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  const body = `POST /prompts HTTP/1.1\r\nhost: ${hostname}:${port}\r\nexpect: 100-continue\r\n`
  socket.write(`${body}content-type: application/json\r\ncontent-length: 9\r\n\r\n`)
  await once(socket, 'data')
  const again = setInterval(() => child.kill('SIGINT'), 50)
  onTestFinished(() => clearInterval(again))
  expect(await ended).toEqual([130, null])
  expect((await withApi((api) => api.resolve('a', { mode: 'dev' }))).content).toBe('kept')
})

/** The output of serve until it watches. */
async function served(child: ChildProcessWithoutNullStreams): Promise<string> {
  let out = ''
  for await (const chunk of child.stdout) {
    out += String(chunk)
    if (out.includes('No sources to watch')) break
  }
  return out
}
