import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildClient } from './build-client.ts'

/**
 * Part of `npm run check`: checks that the client's package resolves in every module system, with and without
 * types.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'client-package-'))
try {
  await buildClient()
  const tarball = run('npm', ['pack', '--silent', '--pack-destination', folder], join(root, 'client')).trim()
  run(join(root, 'node_modules/.bin/publint'), ['--strict', join(root, 'client')])
  run(join(root, 'node_modules/.bin/attw'), [join(folder, tarball), '--format', 'ascii'])
} finally {
  rmSync(folder, { recursive: true })
}

/** Prints the output of the command only if it fails. */
function run(command: string, args: readonly string[], cwd = root): string {
  try {
    return execFileSync(command, args, { cwd, stdio: 'pipe', encoding: 'utf8' })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    console.error(`${command} ${args.join(' ')}\n${stdout}${stderr}`)
    process.exitCode = 1
    return ''
  }
}
