import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { rowsOf, withHistory } from './backed-up-registry.ts'
import { configure, makeCli, openEmbedded, words } from './cli-under-test.ts'

test('a restored registry has every row, and the next pass changes nothing', async () => {
  const { run, database, folder } = await withHistory()
  const backup = await run(words('backup all.tar.gz'))
  expect([backup.code, backup.err]).toEqual([0, ''])
  expect(backup.out).toMatch(
    /^Backed up 4 prompts, \d versions, \d+ events, \d sources \(\d+ KiB\) to .*all\.tar\.gz\.\n$/,
  )
  const before = rowsOf(database)
  await run(words('push later'), { stdin: 'later' })
  const { code, out } = await run(words('restore all.tar.gz --replace'))
  expect([code, out]).toEqual([0, expect.stringContaining('Restored 4 prompts')])
  expect(rowsOf(database)).toEqual(before)
  expect((await stat(database)).mode & 0o077).toBe(0)
  expect((await run(['sync'])).out).toContain('s: unchanged')
  const kept = (await readdir(join(folder, '.promptctl'))).filter((name) => name.includes('before-restore'))
  expect(kept).toHaveLength(1)
  expect(JSON.stringify(rowsOf(join(folder, '.promptctl', kept[0] ?? '')))).toContain('later')
})

test('a rebuild on an empty machine starts from a backup: a moved tag keeps its release', async () => {
  const { run, folder, repository } = await withHistory()
  await run(words('backup all.tar.gz'))
  await repository.commit({ 'prompts/a.md': 'moved' })
  await repository.tag('v1.0.0', { force: true })
  const other = await makeCli()
  await configure(other.folder, [`{ name: s, repository: "${repository.path}" }`])
  expect((await other.run(['restore', join(folder, 'all.tar.gz')])).code).toBe(0)
  await other.run(['sync'])
  expect((await other.run(words('get a@1.0.0'))).out).toBe('one')
  expect((await other.run(words('get a@1.1.0'))).err).toContain('[revoked]')
  expect((await other.run(words('get old'))).err).toContain('[gone]')
})

test('a registry that another process has open is not replaced, and nothing is left behind', async () => {
  const { run, database, folder } = await withHistory()
  await run(words('backup all.tar.gz'))
  const open = openEmbedded(database)
  onTestFinished(() => open.close())
  const before = rowsOf(database)
  const names = await readdir(join(folder, '.promptctl'))
  const { code, err } = await run(words('restore all.tar.gz --replace'))
  expect([code, err]).toEqual([1, expect.stringContaining('has the registry')])
  expect(rowsOf(database)).toEqual(before)
  expect((await readdir(join(folder, '.promptctl'))).toSorted()).toEqual(names.toSorted())
})

test('a registry that exists is only replaced with --replace, and after a "yes" on a terminal', async () => {
  const { run, database } = await withHistory()
  await run(words('backup all.tar.gz'))
  await run(words('push later'), { stdin: 'later' })
  const before = rowsOf(database)
  expect((await run(words('restore all.tar.gz'))).err).toContain('Add --replace')
  const declined = await run(words('restore all.tar.gz --replace'), { typed: true, stdin: 'no\n' })
  expect([declined.code, declined.err]).toEqual([1, expect.stringContaining('Nothing was changed.')])
  expect((await run(words('restore all.tar.gz --dry-run'))).out).toContain('The backup is intact: 4 prompts')
  expect(rowsOf(database)).toEqual(before)
})

test('--dry-run writes no archive, and an existing archive is never overwritten', async () => {
  const { run, folder } = await withHistory()
  const names = await readdir(folder)
  expect((await run(words('backup all.tar.gz --dry-run'))).out).toContain('Would back up 4 prompts')
  expect(await readdir(folder)).toEqual(names)
  await writeFile(join(folder, 'all.tar.gz'), 'mine')
  expect((await run(words('backup all.tar.gz'))).code).toBe(2)
  expect(await readFile(join(folder, 'all.tar.gz'), 'utf8')).toBe('mine')
})

test.for([
  ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  [
    'changed',
    (bytes: Buffer) =>
      gzipSync(Buffer.from(gunzipSync(bytes).toString('latin1').replace('leak', 'lies'), 'latin1')),
  ],
  ['something else', () => Buffer.from('not an archive')],
  ['empty', () => Buffer.alloc(0)],
] as const)('an archive that is %s is refused', async ([, spoil]) => {
  const { run, folder, database } = await withHistory()
  await run(words('backup all.tar.gz'))
  const archive = join(folder, 'all.tar.gz')
  await writeFile(archive, spoil(await readFile(archive)))
  const before = rowsOf(database)
  const { code, err } = await run(words('restore all.tar.gz --replace'))
  expect([code, err]).toEqual([1, expect.stringContaining('[invalid_backup]')])
  expect(rowsOf(database)).toEqual(before)
})

test('a registry elsewhere is backed up where it is', async () => {
  const { run } = await makeCli()
  const { code, err } = await run(words('backup --registry http://127.0.0.1:9'))
  expect([code, err]).toEqual([1, expect.stringContaining('[not_a_file]')])
})
