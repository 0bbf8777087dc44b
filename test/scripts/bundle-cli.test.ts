import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import type { Metafile } from 'esbuild'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { NOTICES } from '../../scripts/bundle.ts'
import { bundleCli } from '../../scripts/bundle-cli.ts'
import { createRepository, isolatedGitEnvironment } from '../support/git-repository.ts'
import { scratchFolder } from '../support/scratch.ts'

const run = promisify(execFile)
let folder = ''
let outputs: Metafile['outputs'] = {}

/** The package as it is installed, without its dependencies. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prompt-registry-'))
  await cp('bin', join(folder, 'bin'), { recursive: true })
  await cp('package.json', join(folder, 'package.json'))
  outputs = await bundleCli(join(folder, 'dist/bundle/cli'))
  await cp('console/assets', join(folder, 'dist/bundle/cli/assets'), { recursive: true })
  return () => rm(folder, { recursive: true, force: true })
})

async function promptctl(cwd: string, ...args: readonly string[]) {
  return await promptctlWith([], cwd, args)
}

async function promptctlWith(options: readonly string[], cwd: string, args: readonly string[]) {
  const node = join(process.cwd(), 'node_modules/node/bin/node')
  const env = { ...isolatedGitEnvironment(), HOME: cwd }
  return await run(node, [...options, join(folder, 'bin/promptctl.js'), ...args], { cwd, env })
}

test('the bundle syncs and reads without any installed package, and keeps compiled code', async () => {
  const cwd = await scratchFolder()
  const repository = await createRepository(join(cwd, 'repo'))
  await repository.commit({ 'prompts/a.md': '---\ndescription: x\n---\nSort.' })
  await repository.tag('v1.0.0')
  await promptctl(cwd, 'init', 'repo')
  expect((await promptctl(cwd, 'sync')).stdout).toContain('1 promoted')
  expect(await promptctl(cwd, 'get', 'a@1.0.0')).toMatchObject({ stdout: 'Sort.', stderr: '' })
  expect((await promptctl(cwd, '--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect((await promptctl(cwd, '--help')).stdout).toContain('Sync sources now')
  expect(await run('ls', [join(cwd, '.cache/promptctl')])).toMatchObject({
    stdout: expect.stringMatching(/\S/),
  })
})

test('a sync loads neither the HTTP server of Node nor fetch', async () => {
  const cwd = await scratchFolder()
  const repository = await createRepository(join(cwd, 'repo'))
  await repository.commit({ 'prompts/a.md': 'Sort.' })
  await promptctl(cwd, 'init', 'repo')
  const listing = "process.on('exit', () => console.error(process.moduleLoadList.join('\\n')))"
  const { stderr } = await promptctlWith(['--import', `data:text/javascript,${listing}`], cwd, ['sync'])
  expect(stderr).toContain('NativeModule sqlite\n')
  expect(stderr).not.toMatch(/NativeModule (?:http2?|_http_server|internal\/deps\/undici\/undici)$/m)
})

test('the bundle serves with workers, which have an entry of their own', async () => {
  const cwd = await scratchFolder()
  const node = join(process.cwd(), 'node_modules/node/bin/node')
  const args = [join(folder, 'bin/promptctl.js'), 'serve', '--port', '0', '--workers', '2']
  const env = { ...isolatedGitEnvironment(), HOME: cwd }
  const child = spawn(node, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  const errors = text(child.stderr)
  let out = ''
  for await (const chunk of child.stdout) {
    out += String(chunk)
    if (out.includes('No sources to watch')) break
  }
  if (child.exitCode !== null) throw new Error(await errors)
  const [url = ''] = /http:\S+/.exec(out) ?? []
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok' })
  child.kill('SIGTERM')
  expect([await ended, await errors]).toEqual([[0, null], ''])
})

/** The files that are loaded to start these ones. */
function startOf(names: readonly string[]): string[] {
  const all = new Map(Object.entries(outputs).map(([path, output]) => [basename(path), output]))
  const started = new Set<string>()
  const open = [...names]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (started.has(name)) continue
    started.add(name)
    const imports = all.get(name)?.imports ?? []
    open.push(
      ...imports
        .filter(({ kind, external }) => kind === 'import-statement' && !external)
        .map(({ path }) => basename(path)),
    )
  }
  return [...started]
}

test('a command that reads from a server loads neither the registry nor the configuration', () => {
  const list = Object.keys(outputs).find((path) => basename(path).startsWith('list-')) ?? ''
  const started = startOf(['main.js', basename(list)])
  const bytes = Object.entries(outputs).reduce(
    (sum, [path, one]) => sum + (started.includes(basename(path)) ? one.bytes : 0),
    0,
  )
  const inputs = Object.entries(outputs)
    .filter(([path]) => started.includes(basename(path)))
    .flatMap(([, one]) => Object.keys(one.inputs))
  expect(inputs).toContain('client/registry-api.ts')
  expect(inputs.filter((path) => /^api\/(registry|store|http)\/|\/(zod|yaml)\//.test(path))).toEqual([])
  expect(bytes).toBeLessThan(250_000)
})

test('the licences of the bundled packages go along', async () => {
  const notices = await readFile(join(folder, 'dist/bundle/cli', NOTICES), 'utf8')
  for (const name of ['commander', 'hono', 'yaml', 'zod']) expect(notices).toContain(`\n${name} `)
})
