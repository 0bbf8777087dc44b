import { cp } from 'node:fs/promises'
import { bundleLambda, LAMBDAS } from './bundle.ts'

/** What `npm run build` does after the compiler: the files that it does not copy, and a bundle for each function. */
await cp('api/store/sqlite.sql', 'dist/api/store/sqlite.sql')
await cp('examples/domain-repo', 'dist/examples/domain-repo', { recursive: true })
for (const [name, entry] of Object.entries(LAMBDAS)) {
  const { bytes, zipBytes, zip } = await bundleLambda(name, entry, 'dist/lambda')
  console.log(`${zip}: ${kilobytes(zipBytes)} (${kilobytes(bytes)} unpacked)`)
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} KB`
}
