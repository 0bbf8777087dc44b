import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { noticesOf } from './notices.ts'
import { zip } from './zip.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The licences of the packages in a bundle. */
export const NOTICES = 'THIRD-PARTY-NOTICES.txt'

/** The functions in the package, and their entries. */
export const LAMBDAS = {
  registry: 'api/lambda.ts',
  controller: 'controller/lambda.ts',
  webhooks: 'controller/webhook-lambda.ts',
} as const

export interface Bundle {
  /** The entry. Its export `handler` is the function. */
  readonly file: string
  /** All files, zipped for Lambda with the licences of their packages. */
  readonly zip: string
  readonly bytes: number
  readonly zipBytes: number
}

/**
 * Creates `<folder>/<name>/index.mjs` and `<folder>/<name>.zip` from an entry and all its imports. What is imported
 * on demand has files of its own beside the entry: of 920 KB of the registry, a cold start loads 474. Reproducible: the
 * same sources and packages produce the same bytes. The source maps for stack traces are written next to the files,
 * but not into the zip.
 */
export async function bundleLambda(name: string, entry: string, folder: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    entryNames: 'index',
    metafile: true,
    write: false,
    // Always the same one, because the names of files contain hashes, which depend on it.
    outdir: `dist/lambda/${name}`,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    // The AWS SDK exposes its ES modules only under this name. They allow tree shaking.
    mainFields: ['module', 'main'],
    // Some packages are still CommonJS and load Node's modules with `require`.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [zodByNames, schemasByNames, credentialsOfTheRuntime],
  })
  const built = outputFiles.map(({ path, contents }) => ({ name: basename(path), bytes: contents }))
  const files = built.filter((file) => file.name.endsWith('.mjs')).sort((a, b) => (a.name < b.name ? -1 : 1))
  const notices = Buffer.from(noticesOf(Object.keys(metafile.inputs), ROOT))
  const packed = zip([...files, { name: NOTICES, bytes: notices }])
  const [target, zipFile] = [join(folder, name), join(folder, `${name}.zip`)]
  await rm(target, { recursive: true, force: true })
  await mkdir(target, { recursive: true })
  for (const file of built) await writeFile(join(target, file.name), file.bytes)
  await writeFile(zipFile, packed)
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0)
  return { file: join(target, 'index.mjs'), zip: zipFile, bytes: total, zipBytes: packed.length }
}

/**
 * `import { z } from 'zod'` is an object with all of zod, including locales. The namespace has the same members,
 * but allows tree shaking: 350 KB less to compile at each cold start.
 */
export const zodByNames: Plugin = {
  name: 'zod-by-names',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!path.startsWith(ROOT) || path.includes('node_modules')) return undefined
      const text = await readFile(path, 'utf8')
      const contents = text.replace("import { z } from 'zod'", "import * as z from 'zod'")
      return { contents, loader: 'ts' }
    })
  },
}

/**
 * The AWS SDK describes all operations of a service in one file, in objects with computed keys (`{ [_hH]: 1 }`). A
 * bundler must keep those, because computing a key may have side effects. Inlining the constants allows tree
 * shaking: 60 KB less for S3.
 */
const schemasByNames: Plugin = {
  name: 'schemas-by-names',
  setup({ onLoad }) {
    onLoad({ filter: /@aws-sdk\/client-[^/]+\/dist-es\/schemas\/schemas_\d+\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      const constants = new Map(
        [...text.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name, value]) => [name, value]),
      )
      const contents = text.replaceAll(/\[(_\w+)\]:/g, (key, name) =>
        constants.has(name) ? `${constants.get(name)}:` : key,
      )
      return { contents, loader: 'js' }
    })
  },
}

/**
 * Lambda always passes credentials in environment variables. The SDK's other credential providers (SSO, profiles,
 * processes, web identities, instance metadata) are 110 KB of unused code.
 */
const credentialsOfTheRuntime: Plugin = {
  name: 'credentials-of-the-runtime',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ resolveDir }) => ({
      path: 'credential-provider-node',
      namespace: 'runtime',
      pluginData: resolveDir,
    }))
    onLoad({ filter: /./, namespace: 'runtime' }, ({ pluginData: resolveDir }) => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env'",
      resolveDir,
    }))
  },
}
