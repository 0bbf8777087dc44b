import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { zip } from './zip.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The functions that we ship, and the entry of each. */
export const LAMBDAS = {
  registry: 'api/lambda.ts',
  controller: 'controller/lambda.ts',
  webhooks: 'controller/webhook-lambda.ts',
} as const

export interface Bundle {
  /** The one file; its export `handler` is the function. */
  readonly file: string
  /** The same as Lambda takes it. */
  readonly zip: string
  readonly bytes: number
  readonly zipBytes: number
}

/**
 * Makes `<folder>/<name>/index.mjs` and `<folder>/<name>.zip` of an entry and everything that it imports. The same
 * sources and packages give the same bytes. A source map lies beside the file and stays out of the zip, so that
 * the stack traces in the log can be read.
 */
export async function bundleLambda(name: string, entry: string, folder: string): Promise<Bundle> {
  const file = join(folder, name, 'index.mjs')
  await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    // The AWS SDK gives its ES modules only under this name; what is not used of them is left out.
    mainFields: ['module', 'main'],
    // Some packages are still CommonJS and ask for the modules of Node by `require`.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [zodByNames, schemasByNames, credentialsOfTheRuntime],
  })
  const bytes = await readFile(file)
  const packed = zip([{ name: 'index.mjs', bytes }])
  const zipFile = join(folder, `${name}.zip`)
  await mkdir(folder, { recursive: true })
  await writeFile(zipFile, packed)
  return { file, zip: zipFile, bytes: bytes.length, zipBytes: packed.length }
}

/**
 * `import { z } from 'zod'` is an object with all of zod in it, locales too. The namespace has the same members,
 * and the bundler can tell which of them are used: 350 KB less to compile at each cold start.
 */
const zodByNames: Plugin = {
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
 * The AWS SDK describes every operation of a service in one file, in objects with computed keys (`{ [_hH]: 1 }`).
 * A bundler must keep those, as computing a key may do something. With the constants written out, it leaves out what
 * is not used: for S3, 60 KB.
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
 * Lambda gives a function its credentials by environment variables, always. The other places where the SDK would
 * look (SSO, profiles, processes, web identities, the metadata of machines) are 110 KB that no function uses.
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
