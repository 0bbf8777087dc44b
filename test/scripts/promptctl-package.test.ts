import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const run = promisify(execFile)

test('the package of promptctl has no Lambda bundle and no source map', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], { maxBuffer: 2 ** 26 })
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }]
  const paths = files.map(({ path }) => path)
  expect(paths).toContain('bin/promptctl.js')
  expect(paths.filter((path) => path.startsWith('dist/lambda/') || path.endsWith('.map'))).toEqual([])
})

test('npx promptctl works in a checkout', async () => {
  const { stdout } = await run('npx', ['--no-install', 'promptctl', '--version'])
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('a Node that is too old gets a sentence', async (context) => {
  const node = await olderNode()
  context.skip(node === undefined, 'every Node of this machine is new enough')
  const folder = await mkdtemp(join(tmpdir(), 'installed-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await cp('bin', join(folder, 'bin'), { recursive: true })
  await cp('package.json', join(folder, 'package.json'))
  const { code, stderr } = await run(node ?? '', [join(folder, 'bin/promptctl.js')]).catch((error) => error)
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^promptctl \d+\.\d+\.\d+ needs Node 22\.18 or newer; this is v\d+\.\d+\.\d+\. Install/,
  )
})

/** The machine's own Node, if promptctl does not run on it. */
async function olderNode(): Promise<string | undefined> {
  const path = (process.env.PATH ?? '').split(':').filter((dir) => !dir.includes('node_modules'))
  try {
    const { stdout } = await run('node', ['--version'], { env: { PATH: path.join(':') } })
    const [major = 0, minor = 0] = stdout.slice(1).split('.').map(Number)
    return major < 22 || (major === 22 && minor < 18)
      ? (await run('which', ['node'], { env: { PATH: path.join(':') } })).stdout.trim()
      : undefined
  } catch {
    return undefined
  }
}
