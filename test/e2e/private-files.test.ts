import { execFileSync } from 'node:child_process'
import { chmodSync, globSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openSqliteStore } from '../../api/store/sqlite/index.ts'
import { createRepository, isolatedGitEnvironment } from '../support/git-repository.ts'
import { databaseFile } from '../support/registry-processes.ts'
import { scratchFolder } from '../support/scratch.ts'

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const PROGRAM = `exec ${path('node_modules/.bin/node')} --disable-warning=ExperimentalWarning ${path('controller/cli/main.ts')}`

/** Paths that another account of the machine can use. */
function openToOthers(folder: string): string[] {
  return globSync('**', { cwd: folder }).filter((name) => (statSync(join(folder, name)).mode & 0o077) !== 0)
}

describe.each(['0000', '0022'])('with the umask %s', (umask) => {
  test('no other account of the machine can read drafts, in the registry or in the git cache', async () => {
    const folder = await scratchFolder()
    const repository = await createRepository(join(folder, 'prompts'))
    await repository.commit({ 'prompts/t.md': 'Be kind.\n' })
    writeFileSync(join(folder, 'promptctl.yaml'), 'sources: [{ name: s, repository: ./prompts }]\n')
    const sync = () =>
      execFileSync('sh', ['-c', `umask ${umask}; ${PROGRAM} sync`], {
        cwd: folder,
        env: isolatedGitEnvironment(),
      })
    sync()
    const made = join(folder, '.promptctl')
    expect(globSync('**/*.pack', { cwd: made })).not.toEqual([])
    expect(openToOthers(made)).toEqual([])
    expect(statSync(made).mode & 0o777).toBe(0o700)
    expect(statSync(join(made, 'registry.db')).mode & 0o777).toBe(0o600)
    await repository.commit({ 'prompts/t.md': 'Be kinder.\n' })
    sync()
    expect(openToOthers(made)).toEqual([])
  })

  test('only its owner can change what is exported', async () => {
    const folder = await scratchFolder()
    const run = (command: string) =>
      execFileSync('sh', ['-c', `umask ${umask}; ${command}`], { cwd: folder, env: isolatedGitEnvironment() })
    openSqliteStore({ file: join(folder, '.promptctl', 'registry.db') }).close()
    writeFileSync(join(folder, 'promptctl.yaml'), 'sources: []\n')
    run(`echo 'Be kind.' | (${PROGRAM} push team/t)`)
    run(`${PROGRAM} export --mode dev --bundle prompts.bundle.json --dir out`)
    const written = ['prompts.bundle.json', 'out', 'out/team', 'out/team/t.txt', 'out/prompts.json']
    const modes = written.map((name) => statSync(join(folder, name)).mode & 0o777)
    expect(modes).toEqual([0o644, 0o755, 0o755, 0o644, 0o644])
  })
})

test('the rights of what is no registry are left alone', async () => {
  const folder = await scratchFolder()
  const file = join(folder, 'notes.txt')
  writeFileSync(file, 'notes', { mode: 0o644 })
  chmodSync(file, 0o644)
  const directory = join(folder, 'data')
  mkdirSync(directory)
  chmodSync(directory, 0o755)
  expect(() => openSqliteStore({ file })).toThrow()
  expect(() => openSqliteStore({ file: directory })).toThrow('data is not a file. Set registry.file')
  expect(statSync(file).mode & 0o777).toBe(0o644)
  expect(statSync(directory).mode & 0o777).toBe(0o755)
})

test('the log of an open registry is as private as its file', async () => {
  const file = await databaseFile()
  const store = openSqliteStore({ file })
  expect(['', '-wal', '-shm'].map((end) => statSync(file + end).mode & 0o777)).toEqual([0o600, 0o600, 0o600])
  store.close()
})

test('a registry and a cache that others could read until now are closed to them', async () => {
  const folder = await scratchFolder()
  const repository = await createRepository(join(folder, 'prompts'))
  await repository.commit({ 'prompts/t.md': 'Be kind.\n' })
  writeFileSync(join(folder, 'promptctl.yaml'), 'sources: [{ name: s, repository: ./prompts }]\n')
  const sync = () =>
    execFileSync('sh', ['-c', `${PROGRAM} sync`], { cwd: folder, env: isolatedGitEnvironment() })
  sync()
  const file = join(folder, '.promptctl', 'registry.db')
  const [cache = ''] = globSync('.promptctl/cache/*', { cwd: folder }).map((name) => join(folder, name))
  chmodSync(file, 0o644)
  chmodSync(cache, 0o755)
  await repository.commit({ 'prompts/t.md': 'Be kinder.\n' })
  sync()
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(cache).mode & 0o777).toBe(0o700)
})

test('the rights of a folder that was there before are left alone', async () => {
  const folder = join(await scratchFolder(), 'shared')
  mkdirSync(folder)
  chmodSync(folder, 0o755)
  openSqliteStore({ file: join(folder, 'registry.db') }).close()
  expect(statSync(folder).mode & 0o777).toBe(0o755)
})
