import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, readdir, readFile, rename, truncate, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { takeLock } from '../../../controller/source/git/lock.ts'
import { WHOLE_TREE } from '../../../controller/source/tree-scope.ts'
import {
  allFiles,
  type HttpWorld,
  manyCommits,
  otherProcess,
  processesWith,
  skipWithout,
  sourceOf,
  truth,
  withHttpWorld,
  withWorld,
} from './git-world.ts'
import { readEverything } from './read-repository.ts'

const noProc = existsSync('/proc/self/cmdline') ? undefined : 'there is no /proc to see processes in'

/** Kills the other process with SIGKILL at the given request, before or in the middle of its answer. */
async function killAt(world: HttpWorld, request: number, bytes: number | undefined): Promise<boolean> {
  const { server, options } = world
  const child = otherProcess('read', options())
  child.stdout?.resume()
  let seen = 0
  server.intercept = () => {
    if (++seen < request) return false
    if (bytes === undefined) child.kill('SIGKILL')
    // The helper gets half an answer; by the time it notices, its master is gone.
    else server.cut = { bytes, politely: false, after: () => child.kill('SIGKILL') }
    return false
  }
  const [, signal] = await once(child, 'close')
  server.intercept = () => false
  server.cut = undefined
  return signal === 'SIGKILL'
}

test('recovers from a kill at any request of a fetch', (context) =>
  withHttpWorld(context, async (world) => {
    const { repository, options } = world
    await manyCommits(repository, 200, 20)
    await repository.moveBranch('main')
    let kills = 0
    for (let request = 1; request <= 6; request++) {
      for (const bytes of [undefined, 1, 100]) {
        await repository.commit({ 'news.txt': `${request} ${bytes}` })
        await repository.tag(`v2.${request}.${bytes ?? 0}`, { annotated: true })
        if (await killAt(world, request, bytes)) kills++
      }
      // Read after three kills in a row; the next ones then hit a cache that is good.
      const tags = (await repository.git('tag')).split('\n').sort()
      expect(await readEverything(sourceOf(options()))).toEqual(await truth(repository, ['main', ...tags]))
      expect(await generations(world)).toHaveLength(1)
    }
    expect(kills).toBeGreaterThan(12)
  }))

test('does not use the cache of a killed run, nor later writes of its helpers', () =>
  withWorld(async (world) => {
    await world.repository.commit({ 'a.txt': '1' })
    const source = sourceOf(world.options())
    await readEverything(source)
    const [before] = await generations(world)
    // What a kill leaves: the mark, and git's lock files.
    for (const name of ['unfinished', 'packed-refs.lock', 'shallow.lock', 'objects/pack/tmp_pack_x']) {
      await writeFile(`${world.cacheDir}/${before}/${name}`, '')
    }
    expect(await readEverything(source)).toHaveLength(1)
    const [after, ...others] = await generations(world)
    expect(after).not.toBe(before)
    expect(others).toEqual([])
  }))

test('recreates a damaged cache, and keeps the old one while the remote cannot be read', () =>
  withWorld(async (world) => {
    await world.repository.commit({ 'a.txt': '1' })
    const source = sourceOf(world.options())
    const refs = await source.listRefs()
    await readEverything(source)
    for (const path of (await allFiles(world.cacheDir)).keys()) {
      if (/\.(pack|idx)$/.test(path)) await damage(path)
    }
    const snapshot = await source.open(refs)
    await expect(snapshot.tree(refs.commit, WHOLE_TREE)).rejects.toThrow()
    await snapshot.close()

    const away = `${world.repository.path}-away`
    await rename(world.repository.path, away)
    await expect(source.open(refs)).rejects.toMatchObject({ code: 'not_found' })
    await rename(away, world.repository.path)
    await world.repository.commit({ 'a.txt': '2' })
    expect(await readEverything(source)).toHaveLength(1)
  }))

test('locks out readers in other processes, until they are killed', (context) =>
  withWorld(async (world) => {
    skipWithout(context, noProc)
    await world.repository.commit({ 'a.txt': '1' })
    const child = otherProcess('hold', world.options())
    if (!child.stdout) throw new Error('The other process has no output.')
    expect((await once(createInterface(child.stdout), 'line'))[0]).toBe('open')
    const source = sourceOf(world.options({ lockTimeoutMs: 30 }))
    const refs = await source.listRefs()
    await expect(source.open(refs)).rejects.toMatchObject({ code: 'busy' })
    const patient = sourceOf(world.options()).open(refs)
    child.kill('SIGKILL')
    await (await patient).close()
    await (await source.open(refs)).close()
  }))

test('admits one caller of this process at a time, without blocking the event loop', () =>
  withWorld(async ({ root }) => {
    const file = `${root}/lock.db`
    let inside = 0
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const callers = Array.from({ length: 8 }, async () => {
      const lock = await takeLock(file, 10_000)
      expect(++inside).toBe(1)
      await new Promise((resolve) => setImmediate(resolve))
      inside--
      lock.release()
    })
    await Promise.all(callers)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(0)
    const lock = await takeLock(file, 0)
    const controller = new AbortController()
    const waiting = takeLock(file, 10_000, controller.signal)
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'failed' })
    lock.release()
  }))

for (const [how, code] of [
  ['stops', 'failed'],
  ['closes', 'failed'],
  ['has waited long enough', 'unreachable'],
] as const) {
  test(`ends git and all its helpers when the caller ${how}`, (context) =>
    withHttpWorld(context, async (world) => {
      skipWithout(context, noProc)
      const { repository, options, server } = world
      await repository.commit({ 'a.txt': '1' })
      const patient = sourceOf(options())
      const refs = await patient.listRefs()
      const source =
        how === 'has waited long enough' ? sourceOf(options({ timeouts: { firstByteMs: 2000 } })) : patient
      const prepared = how === 'closes' ? await source.open(refs) : undefined
      const controller = new AbortController()
      const silent = new Promise<string[]>((resolve) => {
        server.intercept = () => {
          void processesWith(server.url).then(resolve)
          return true
        }
      })
      const work = prepared ? readFirst(prepared, refs.commit) : source.open(refs, controller.signal)
      const outcome = work.catch((error: unknown) => error)
      expect((await silent).join('\n')).toMatch(/remote-http/)
      if (how === 'stops') controller.abort()
      const closing = prepared?.close()
      expect(await outcome).toMatchObject({ code })
      await closing
      expect(await processesWith(server.url)).toEqual([])

      // What was swept up is good: the same cache goes on.
      server.intercept = () => false
      const generation = await generations(world)
      expect(await readEverything(patient)).toHaveLength(1)
      if (prepared) expect(await generations(world)).toEqual(generation)
    }))
}

async function readFirst(snapshot: Awaited<ReturnType<ReturnType<typeof sourceOf>['open']>>, commit: string) {
  const oids = (await snapshot.tree(commit, WHOLE_TREE)).map((entry) => entry.oid)
  for await (const blob of snapshot.blobs(oids, 100)) return blob
}

async function generations({ cacheDir }: { cacheDir: string }): Promise<string[]> {
  return (await readdir(cacheDir)).filter((name) => name.endsWith('.git'))
}

async function damage(path: string): Promise<void> {
  await chmod(path, 0o644)
  await truncate(path, Math.floor((await readFile(path)).length / 2))
}
