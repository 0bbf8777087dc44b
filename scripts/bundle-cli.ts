import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'
import { NOTICES, zodByNames } from './bundle.ts'
import { noticesOf } from './notices.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Not `@opentelemetry/api`, which the metrics need. */
const TRACING = ['exporter-trace-otlp-http', 'resources', 'sdk-trace-base'].map(
  (name) => `@opentelemetry/${name}`,
)
/** Packages that few commands load, optional ones, and one whose licence asks for more than a notice. */
const EXTERNAL = ['@aws-sdk/*', '@smithy/*', '@octokit/*', ...TRACING, 'openpgp']

/**
 * Bundles promptctl to `<folder>/main.js` and one file for each part that is loaded when it is needed. Hundreds of modules
 * take longer to find and read than to run. Returns the files.
 */
export async function bundleCli(folder: string): Promise<Metafile['outputs']> {
  await rm(folder, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['controller/cli/main.ts', 'controller/cli/workers/worker.ts'],
    // Next to each other: the code of both is in chunks, which look for the worker in their own folder.
    entryNames: '[name]',
    outdir: folder,
    bundle: true,
    metafile: true,
    splitting: true,
    // Stack traces stay readable, and V8 keeps the compiled code.
    minifySyntax: true,
    minifyWhitespace: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: EXTERNAL,
    // Some packages are still CommonJS and load Node's modules with `require`.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [zodByNames],
  })
  await writeFile(join(folder, NOTICES), noticesOf(Object.keys(metafile.inputs), ROOT))
  return metafile.outputs
}
