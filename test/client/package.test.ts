import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import vm from 'node:vm'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import webpack from 'webpack'
import { buildClient } from '../../scripts/build-client.ts'

const run = promisify(execFile)
const BIN = resolve('node_modules/.bin')
const INSTALLED = 'node_modules/@prompt-registry/client'

/** An empty project with the packed client in it. */
let project: string
beforeAll(async () => {
  await buildClient()
  project = await mkdtemp(join(tmpdir(), 'consumer-'))
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', project], { cwd: 'client' })
  await write('package.json', '{"name":"consumer","private":true}')
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${stdout.trim()}`], {
    cwd: project,
  })
})
afterAll(() => rm(project, { recursive: true }))

async function write(path: string, text: string): Promise<string> {
  await mkdir(join(project, path, '..'), { recursive: true })
  await writeFile(join(project, path), text)
  return join(project, path)
}

const CONSUMER = `
const client = new PromptRegistryClient({ registryUrl: process.argv[2], env: {} })
client.get('support/triage').then((text) => console.log(text))`

async function startRegistry(): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    response.end('{"prompt_id": "support/triage", "content": "You sort."}')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function sizes(): Promise<Map<string, number>> {
  const names = await readdir(join(project, INSTALLED), { recursive: true })
  const all = await Promise.all(
    names.map(async (name) => [name, await stat(join(project, INSTALLED, name))] as const),
  )
  return new Map(all.flatMap(([name, stats]) => (stats.isFile() ? [[name, stats.size]] : [])))
}

describe('the package', () => {
  test('is one package, without dependencies', async () => {
    const lock = JSON.parse(await readFile(join(project, 'node_modules/.package-lock.json'), 'utf8'))
    expect(Object.keys(lock.packages)).toEqual([INSTALLED])
  })

  test('is under 300 KB without what needs YAML, loads under 78 KB, and has no source maps', async () => {
    const all = [...(await sizes())]
    const light = all.filter(([name]) => !name.includes('yaml.'))
    expect(light.length).toBeLessThan(all.length)
    expect(light.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(300_000)
    for (const [name, size] of light) if (/index\.c?js$/.test(name)) expect(size).toBeLessThan(78_000)
    expect(all.filter(([name]) => name.endsWith('.map'))).toEqual([])
  })

  test('loads nothing but itself and modules of Node, until a tier needs more', async () => {
    const script = await write(
      'loaded.mjs',
      `import { registerHooks } from 'node:module'
      const loaded = []
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
      const { PromptRegistryClient } = await import('@prompt-registry/client')
      new PromptRegistryClient({ functionName: 'registry', env: {} })
      console.log(JSON.stringify(loaded.filter((url) => !url.startsWith('node:')).map((url) => url.split('/').at(-1))))`,
    )
    const { stdout } = await run(join(BIN, 'node'), [script])
    expect(JSON.parse(stdout)).toEqual(['index.js'])
    // Loading it takes longer than everything else.
    for (const file of ['index.js', 'index.cjs'])
      expect(await readFile(join(project, INSTALLED, 'dist', file), 'utf8')).not.toMatch(
        /(from|require\()"node:https?"/,
      )
  })

  test('says what to install for the Lambda tier', async () => {
    const script = await write(
      'lambda.mjs',
      `import { PromptRegistryClient } from '@prompt-registry/client'
      await new PromptRegistryClient({ functionName: 'registry', env: {} }).get('a').catch((error) => console.log(error.message))`,
    )
    const { stdout } = await run(join(BIN, 'node'), [script])
    expect(stdout).toContain('install @aws-sdk/client-lambda.')
  })

  test.each([
    ['import', 'uncaught.mjs', `import { PromptRegistryClient } from '@prompt-registry/client'`],
    ['require', 'uncaught.cjs', `const { PromptRegistryClient } = require('@prompt-registry/client')`],
  ])('prints an uncaught error without pages of its source, loaded by %s', async (_how, name, head) => {
    // Nothing listens on port 9.
    const script = await write(
      name,
      `${head}
      new PromptRegistryClient({ registryUrl: 'http://127.0.0.1:9', env: {} }).get('support/triage')`,
    )
    const { code, stderr } = await run(join(BIN, 'node'), [script]).catch((error) => error)
    expect(code).toBe(1)
    expect(stderr).toContain('PromptResolutionError: No tier can serve this prompt now: "support/triage".')
    expect(stderr).toContain('ECONNREFUSED')
    expect(stderr.split('\n').length).toBeLessThan(60)
    expect(Buffer.byteLength(stderr)).toBeLessThan(4096)
  })
})

/** The project's own Node, and the machine's. */
const NODES = [
  join(BIN, 'node'),
  ...new Set(
    (process.env.PATH ?? '')
      .split(':')
      .map((dir) => join(dir, 'node'))
      .filter((node) => existsSync(node) && !node.includes('node_modules'))
      .map((node) => realpathSync(node)),
  ),
]

describe.each(NODES)('in %s', (node) => {
  test.each([
    ['import', 'esm.mjs', `import { PromptRegistryClient } from '@prompt-registry/client'`],
    ['require', 'cjs.cjs', `const { PromptRegistryClient } = require('@prompt-registry/client')`],
  ])('it works by %s', async (_how, name, head) => {
    const script = await write(name, head + CONSUMER)
    const { stdout } = await run(node, [script, await startRegistry()])
    expect(stdout).toBe('You sort.\n')
  })

  test('requests go over connections of undici if it is loaded, and the process ends', async () => {
    const script = await write(
      'undici.mjs',
      `import { subscribe } from 'node:diagnostics_channel'
      import { PromptRegistryClient } from '@prompt-registry/client'
      subscribe('undici:request:create', ({ request }) => console.log(request.method, request.path))
      Headers${CONSUMER}`,
    )
    const { stdout } = await run(node, [script, await startRegistry()])
    expect(stdout).toBe('GET /prompts/support/triage\nYou sort.\n')
  })

  test.each([
    ['import', 'blueprint.mjs', `import { PromptRegistryClient } from '@prompt-registry/client'`],
    ['require', 'blueprint.cjs', `const { PromptRegistryClient } = require('@prompt-registry/client')`],
  ])('a blueprint and front matter load the YAML chunk by %s', async (_how, name, head) => {
    await write('prompts/a.md', '---\nmodel: m\n---\nFrom disk.')
    const blueprint = await write('agent.yaml', 'prompt_ref: a\n')
    const script = await write(
      name,
      `${head}
      const client = new PromptRegistryClient({ localDir: process.argv[2], env: {} })
      client.loadBlueprint(process.argv[3]).then((made) => console.log(made.system_prompt, made.prompt_resolution.config.model))`,
    )
    const { stdout } = await run(node, [script, join(project, 'prompts'), blueprint])
    expect(stdout).toBe('From disk. m\n')
  })
})

describe('its types', () => {
  const source = `import { PromptRegistryClient, type Resolution } from '@prompt-registry/client'
    const client = new PromptRegistryClient({ registryUrl: 'http://x', mode: 'dev', ttlMs: 5 })
    const resolution: Promise<Resolution> = client.resolve('a', { signal: new AbortController().signal })
    export const text: Promise<string> = resolution.then((found) => found.text)
    // @ts-expect-error: a mode that does not exist
    new PromptRegistryClient({ mode: 'prod' })
    // @ts-expect-error: an option that does not exist
    new PromptRegistryClient({ url: 'http://x' })`

  test.each([
    ['nodenext', 'nodenext', 'main.ts', 'module'],
    ['node16', 'node16', 'main.ts', 'commonjs'],
    ['node16', 'node16', 'main.cts', 'module'],
    ['esnext', 'bundler', 'main.ts', 'module'],
  ])(
    '%s, %s, %s in a %s package: without skipLibCheck or @types/node',
    async (module, moduleResolution, file, type) => {
      const folder = `types-${module}-${moduleResolution}-${file}-${type}`
      await write(`${folder}/package.json`, JSON.stringify({ type }))
      await write(`${folder}/${file}`, source)
      const compilerOptions = {
        module,
        moduleResolution,
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        types: [],
      }
      await write(
        `${folder}/tsconfig.json`,
        JSON.stringify({ compilerOptions: { ...compilerOptions, target: 'es2022' }, files: [file] }),
      )
      const { stdout } = await run(join(BIN, 'tsc'), ['-p', join(project, folder)]).catch((error) => error)
      expect(stdout).toBe('')
    },
  )
})

describe('bundled for a runtime without the modules of Node,', () => {
  const entry = `import { PromptRegistryClient } from '@prompt-registry/client'
    globalThis.result = new PromptRegistryClient({ registryUrl: globalThis.registryUrl }).resolve('support/triage')`

  /** With the globals of browsers and workers, and nothing else. */
  async function runAlone(code: string): Promise<unknown> {
    const {
      AbortController,
      crypto,
      fetch,
      performance,
      setTimeout,
      clearTimeout,
      TextDecoder,
      TextEncoder,
      URL,
    } = globalThis
    const globals = {
      AbortController,
      crypto,
      fetch,
      performance,
      setTimeout,
      clearTimeout,
      TextDecoder,
      TextEncoder,
      URL,
    }
    const context = vm.createContext({ ...globals, registryUrl: await startRegistry() })
    vm.runInContext('globalThis.globalThis = globalThis', context)
    vm.runInContext(code, context)
    return await context.result
  }

  test('by esbuild', async () => {
    const { outputFiles } = await build({
      stdin: { contents: entry, resolveDir: project },
      bundle: true,
      write: false,
      format: 'iife',
      platform: 'browser',
    })
    expect(await runAlone(outputFiles[0]?.text ?? '')).toMatchObject({ text: 'You sort.', tier: 'http' })
  })

  test('or for Node, without the optional packages', async () => {
    const { outputFiles, errors } = await build({
      stdin: { contents: entry, resolveDir: project },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      logLevel: 'silent',
    })
    expect(errors).toEqual([])
    const script = await write(
      'bundled.mjs',
      `globalThis.registryUrl = process.argv[2]; ${outputFiles[0]?.text}
      console.log((await globalThis.result).text)`,
    )
    const { stdout } = await run(join(BIN, 'node'), [script, await startRegistry()])
    expect(stdout).toBe('You sort.\n')
  })

  test('by webpack', async () => {
    const compiler = webpack({
      mode: 'production',
      target: 'webworker',
      entry: await write('web.mjs', entry),
      output: { path: join(project, 'webpack'), filename: 'out.js', publicPath: '' },
    })
    const stats = await new Promise<webpack.Stats | undefined>((done, fail) => {
      compiler?.run((error, made) => (error ? fail(error) : done(made)))
    })
    expect(stats?.toJson({ all: false, errors: true }).errors).toEqual([])
    const code = await readFile(join(project, 'webpack/out.js'), 'utf8')
    expect(await runAlone(`globalThis.self = globalThis; ${code}`)).toMatchObject({ text: 'You sort.' })
  })
})
