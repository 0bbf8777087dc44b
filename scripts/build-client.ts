import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { bundleDeclarations } from './declarations.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DIST = join(ROOT, 'client/dist')

/** Builds `client/dist`, the content of the package `@prompt-registry/client`. Takes about two seconds. */
export async function buildClient(): Promise<void> {
  await rm(DIST, { recursive: true, force: true })
  await Promise.all([bundle('esm', 'js'), bundle('cjs', 'cjs'), bundleWeb()])
  await writeDeclarations()
  await copyFile(join(ROOT, 'LICENSE'), join(DIST, 'LICENSE'))
  // They are bundled, and their licences want their notices kept.
  for (const name of ['yaml', 'smol-toml'])
    await copyFile(join(ROOT, `node_modules/${name}/LICENSE`), join(DIST, `${name}.LICENSE`))
}

/** Entries of their own, because each needs another package. */
const ENGINES = ['handlebars', 'jinja', 'liquid']
const engineEntry = (name: string) => `client/engines/${name}.ts`

const declarationOf = (engine: string, index: string) =>
  `import type { TemplateEngine } from '${index}'\n/** The template language ${engine}, for the option \`engines\`. */\nexport declare const ${engine}: TemplateEngine\n`

const shared: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  outdir: DIST,
  target: 'node20',
  // Optional peer dependencies, needed only by their tiers and engines.
  external: ['@aws-sdk/*', '@smithy/*', '@opentelemetry/api', 'handlebars', '@huggingface/jinja', 'liquidjs'],
  // Its modules. Those for Node are CommonJS, whose `require` fails in a bundled module.
  alias: { yaml: join(ROOT, 'node_modules/yaml/browser/index.js') },
  // Short lines, because Node prints the line of an uncaught error.
  minify: true,
  lineLimit: 120,
  legalComments: 'none',
  logLevel: 'warning',
}

/** Code that the client imports when it is first needed. One file each, because CommonJS can import modules too. */
const PARTS = ['yaml', 'renderer', 'verifier', 'sender']

async function bundle(format: 'esm' | 'cjs', extension: string): Promise<void> {
  const parts = format === 'esm' ? PARTS.map((name) => `client/${name}.ts`) : []
  await build({
    ...shared,
    format,
    platform: 'node',
    entryPoints: ['client/index.ts', ...parts, ...ENGINES.map(engineEntry)],
    entryNames: '[name]',
    outExtension: { '.js': `.${extension}` },
    plugins: [lazy],
  })
}

async function bundleWeb(): Promise<void> {
  // No platform, so an import of a Node module fails the build.
  await build({
    ...shared,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    entryPoints: ['client/web.ts'],
    plugins: [lazy, withoutSigning],
  })
}

/** Lazy imports must stay imports. */
const lazy: Plugin = {
  name: 'lazy',
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`/(${PARTS.join('|')})\\.ts$`) }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${basename(path, '.ts')}.js`, external: true } : undefined,
    )
    onResolve({ filter: /\/lambda-client\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: '@aws-sdk/client-lambda', external: true } : undefined,
    )
  },
}

const withoutSigning: Plugin = {
  name: 'without-signing',
  setup({ onResolve }) {
    const path = join(ROOT, 'client/transport/no-signing.ts')
    onResolve({ filter: /\/sigv4\.ts$/ }, () => ({ path }))
  },
}

async function writeDeclarations(): Promise<void> {
  const types = join(DIST, 'types')
  await mkdir(types, { recursive: true })
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.client.json', '--outDir', types], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  const declarations = bundleDeclarations(join(types, 'client/index.d.ts'))
  await writeFile(join(DIST, 'index.d.cts'), declarations)
  await writeFile(join(DIST, 'index.d.ts'), "export * from './index.cjs'\n")
  for (const engine of ENGINES)
    for (const [type, end] of [
      ['ts', 'js'],
      ['cts', 'cjs'],
    ])
      await writeFile(join(DIST, `${engine}.d.${type}`), declarationOf(engine, `./index.${end}`))
  await rm(types, { recursive: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildClient()
