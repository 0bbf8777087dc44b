import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  ambientUses,
  arrowOffences,
  CONTROLLER_FOLDERS,
  folderOffences,
  importCircles,
  importsOf,
  type Sources,
  typesDefinedTwice,
} from './support/registry-architecture.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

function ours(): Sources {
  const paths = globSync('{api,controller,client,console}/**/*.ts', {
    cwd: root,
    exclude: ['client/{dist,node_modules}/**'],
  })
  return new Map(paths.map((path) => [path, readFileSync(`${root}/${path}`, 'utf8')]))
}

test('every import goes along the arrows', () => {
  const sources = ours()
  expect(sources.size).toBeGreaterThan(50)
  expect(arrowOffences(sources)).toEqual([])
})

test('no folder of the controller imports one above it', () => {
  const sources = ours()
  expect(folderOffences(sources)).toEqual([])
  const folders = [...sources.keys()].flatMap((path) => /^controller\/([^/]+)\//.exec(path)?.[1] ?? [])
  expect(new Set(folders)).toEqual(new Set(CONTROLLER_FOLDERS))
})

test('no files import each other in a circle', () => {
  expect(importCircles(ours())).toEqual([])
})

test('each type name is defined once', () => {
  expect(typesDefinedTwice(ours())).toEqual([])
})

/** Defaults of options, each documented where it is: whoever calls may hand in another world. */
const DEFAULTS = [
  'api/store/aws/index.ts: Date.now',
  'api/store/aws/index.ts: Math.random',
  'api/store/sqlite/index.ts: Math.random',
  'api/store/sqlite/index.ts: performance.now',
  'client/ambient.ts: Date.now',
  'client/ambient.ts: Math.random',
  'client/ambient.ts: globalThis.fetch',
  'client/ambient.ts: performance.now',
  'client/ambient.ts: process.env',
]

test('the world comes in by the door: clock, chance, environment and fetch begin in entries', () => {
  expect(ambientUses(ours()).filter((use) => !DEFAULTS.includes(use))).toEqual([])
})

describe('the check of the arrows', () => {
  const offends = (path: string, specifier: string) =>
    arrowOffences(new Map([[path, `import { x } from '${specifier}'\n`]])).length > 0

  test.each([
    ['api/contract/mode.ts', '../store/records.ts'],
    ['api/contract/mode.ts', '../../client/index.ts'],
    ['api/http/app.ts', '../../client/index.ts'],
    ['api/registry/push.ts', '../../controller/plan.ts'],
    ['api/server.ts', '../client/index.ts'],
    ['client/client.ts', '../api/registry/registry.ts'],
    ['client/client.ts', '../api/http/app.ts'],
    ['client/client.ts', '../controller/plan.ts'],
    ['controller/plan.ts', '../api/registry/push.ts'],
    ['controller/plan.ts', '../api/server.ts'],
    ['controller/source/git/index.ts', '../../../api/store/records.ts'],
    ['api/registry/push.ts', '../store/sqlite/index.ts'],
    ['api/http/app.ts', '../store/aws/index.ts'],
    ['api/store/aws/index.ts', '../sqlite/index.ts'],
    ['controller/reconcile.ts', './source/git/index.ts'],
    ['controller/serve.ts', './source/github/index.ts'],
    ['controller/pass/run-pass.ts', '../report/github/index.ts'],
    ['controller/report/github/index.ts', '../../source/git/command.ts'],
    ['client/client.ts', '../test/support/registry.ts'],
    ['console/console.ts', '../client/index.ts'],
    ['console/console.ts', '../api/http/app.ts'],
    ['console/console.ts', '../controller/findings/finding.ts'],
    ['controller/pass/run-pass.ts', '../../console/console.ts'],
    ['api/http/app.ts', '../../examples/agent/agent.ts'],
  ])('refuses that %s imports %s', (path, specifier) => {
    expect(offends(path, specifier)).toBe(true)
  })

  test.each([
    ['api/contract/mode.ts', './errors.ts'],
    ['api/http/app.ts', '../registry/registry.ts'],
    ['api/store/sqlite/index.ts', './writer.ts'],
    ['api/store/sqlite/prompts.ts', '../prompt-store.ts'],
    ['api/server.ts', './store/sqlite/index.ts'],
    ['client/client.ts', '../api/contract/index.ts'],
    ['controller/plan.ts', '../client/index.ts'],
    ['controller/cli/embedded.ts', '../../api/server.ts'],
    ['controller/wiring/repositories.ts', '../source/git/index.ts'],
    ['controller/reconcile.ts', './source/git-source.ts'],
    ['controller/report/github/index.ts', '../../source/github/client.ts'],
    ['console/console.ts', '../api/contract/errors.ts'],
    ['controller/cli/console.ts', '../../console/console.ts'],
    ['controller/plan.ts', 'semver'],
    ['api/http/app.ts', 'node:fs'],
  ])('lets %s import %s', (path, specifier) => {
    expect(offends(path, specifier)).toBe(false)
  })

  test('sees an arrow between the folders of the controller that is turned', () => {
    const upward = (path: string, specifier: string) =>
      folderOffences(new Map([[path, `import { x } from '${specifier}'\n`]])).length > 0
    expect(upward('controller/plan/plan.ts', '../pass/reconcile.ts')).toBe(true)
    expect(upward('controller/pass/reconcile.ts', '../plan/plan.ts')).toBe(false)
    expect(upward('controller/watch/webhook/hosts.ts', '../../cli/main.ts')).toBe(true)
    expect(upward('controller/lambda.ts', './cli/main.ts')).toBe(false)
  })

  test('sees circles of imports, and types that are defined twice', () => {
    const sources = new Map([
      ['api/a.ts', "import { b } from './b.ts'\nexport interface Same {}\n"],
      ['api/b.ts', "import { c } from './c.ts'\ntype Same = string\n"],
      ['api/c.ts', "import { a } from './a.ts'\n"],
      ['api/d.ts', "import { a } from './a.ts'\nexport class Other {}\n"],
    ])
    expect(importCircles(sources)).toEqual([['api/a.ts', 'api/b.ts', 'api/c.ts']])
    expect(typesDefinedTwice(sources)).toEqual(['Same: api/a.ts, api/b.ts'])
  })

  test('sees an import in whatever way it is written', () => {
    const source = [
      "import './a.ts'",
      "import b from './b.ts'",
      "import type { C } from './c.ts'",
      'import {\n  d,\n  type D,\n} from "./d.ts"',
      "export * from './e.ts'",
      "export type { F } from './f.ts'",
      "const g = await import('./g.ts')",
      "// import h from './h.ts'",
      "/** import i from './i.ts' */",
      "const text = 'nothing from here'",
    ].join('\n')
    expect(importsOf(source)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `./${name}.ts`))
  })

  test('sees where the world is taken for granted', () => {
    const uses = (path: string, code: string) => ambientUses(new Map([[path, code]]))
    expect(uses('controller/plan.ts', 'const at = Date.now()')).toEqual(['controller/plan.ts: Date.now'])
    expect(uses('client/client.ts', 'process.env.HOME; Math.random(); new Date()')).toHaveLength(3)
    expect(uses('api/registry/push.ts', 'new Date(context.now())')).toEqual([])
    expect(uses('api/server.ts', 'Date.now()')).toEqual([])
  })
})
