import { cp } from 'node:fs/promises'
import { bundleLambda, LAMBDAS } from './bundle.ts'
import { bundleCli } from './bundle-cli.ts'

/** Runs after the compiler in `npm run build`: copies other files, bundles promptctl, and bundles each function. */
await cp('examples/domain-repo', 'dist/examples/domain-repo', { recursive: true })
await bundleCli('dist/bundle/cli')
await cp('console/assets', 'dist/bundle/cli/assets', { recursive: true })
for (const [name, entry] of Object.entries(LAMBDAS)) {
  const { bytes, zipBytes, zip } = await bundleLambda(name, entry, 'dist/lambda')
  console.log(`${zip}: ${kilobytes(zipBytes)} (${kilobytes(bytes)} unpacked)`)
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} KB`
}
