import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { scratchFolder } from '../support/scratch.ts'

const run = promisify(execFile)

test('the package of promptctl has no Lambda bundle and no source map', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'packed-'))
  onTestFinished(() => rm(cwd, { recursive: true }))
  for (const path of ['bin/promptctl.js', 'package.json']) await cp(path, join(cwd, path))
  for (const path of [
    'dist/lambda/registry.zip',
    'dist/bundle/cli/main.js',
    'dist/api/contract/index.js.map',
  ]) {
    await mkdir(dirname(join(cwd, path)), { recursive: true })
    await writeFile(join(cwd, path), 'built')
  }
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], { cwd, maxBuffer: 2 ** 26 })
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }]
  const paths = files.map(({ path }) => path)
  expect(paths).toEqual(expect.arrayContaining(['bin/promptctl.js', 'dist/bundle/cli/main.js']))
  expect(paths.filter((path) => path.startsWith('dist/lambda/') || path.endsWith('.map'))).toEqual([])
})

test('npx promptctl works in a checkout', async () => {
  const { stdout } = await run('npx', ['--no-install', 'promptctl', '--version'])
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test.for([
  ['an installed package', 'dist/bundle/cli/main.js'],
  ['a checkout after npm ci --ignore-scripts', 'controller/cli/main.ts'],
])('a Node that is too old gets a sentence in %s', async ([, main = ''], context) => {
  const node = await olderNode()
  context.skip(node === undefined, 'every Node of this machine is new enough')
  const folder = await mkdtemp(join(tmpdir(), 'installed-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await cp('bin', join(folder, 'bin'), { recursive: true })
  await cp('package.json', join(folder, 'package.json'))
  await cp(existsSync(main) ? main : 'package.json', join(folder, main))
  const { code, stderr } = await run(node ?? '', [join(folder, 'bin/promptctl.js')]).catch((error) => error)
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^promptctl \d+\.\d+\.\d+ needs Node 22\.18 or newer; this is v\d+\.\d+\.\d+\. Install/,
  )
})

test.for([
  ['SIGTERM', 'promptctl alone', 0, null],
  ['SIGINT', 'promptctl alone', 0, null],
  ['SIGINT', 'everything in the terminal', 0, null],
  ['SIGHUP', 'promptctl alone', null, 'SIGHUP'],
] as const)(
  'on an old Node in a checkout, %s to %s ends serve with its own code or signal',
  async ([signal, target, code, endedBy], context) => {
    const node = await olderNode()
    context.skip(node === undefined, 'every Node of this machine is new enough')
    const cwd = await scratchFolder()
    const args = [fileURLToPath(new URL('../../bin/promptctl.js', import.meta.url)), 'serve', '--port', '0']
    const child = spawn(node ?? '', args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
    const { pid = 0 } = child
    onTestFinished(() => endGroup(pid))
    const ended = once(child, 'exit')
    let out = ''
    for await (const chunk of child.stdout) {
      out += String(chunk)
      if (out.includes('No sources to watch')) break
    }
    const [url = ''] = /http:\S+/.exec(out) ?? []
    expect((await fetch(`${url}/health`)).status).toBe(200)
    process.kill(target === 'promptctl alone' ? pid : -pid, signal)
    expect(await ended).toEqual([code, endedBy])
    await expect(fetch(`${url}/health`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  },
)

/** Ends what is left of a process group. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing is left.
  }
}

/** The machine's own Node, if promptctl does not run on it. */
async function olderNode(): Promise<string | undefined> {
  const path = (process.env.PATH ?? '').split(':').filter((dir) => !dir.includes('node_modules'))
  try {
    const { stdout } = await run('node', ['--version'], { env: { PATH: path.join(':') } })
    const [major = 0, minor = 0] = stdout.slice(1).split('.').map(Number)
    return major < 22 || (major === 22 && minor < 18)
      ? (await run('which', ['node'], { env: { PATH: path.join(':') } })).stdout.trim()
      : undefined
  } catch {
    return undefined
  }
}
