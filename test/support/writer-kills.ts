import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type Ask, connectionsTo, post } from './connections.ts'
import { createRepository } from './git-repository.ts'
import { contentsOf, serve } from './kill.ts'
import { scratchFolder } from './scratch.ts'

const WRITERS = 12
/** More than the versions of one prompt in a round. */
const ROUND = 1000

/**
 * Kills `serve` while clients promote through three workers and a source syncs, after a random number of
 * acknowledged promotions, and checks after each restart that none is lost and each prompt has one stable version.
 */
export async function killWriters(rounds: number): Promise<void> {
  const folder = await scratchFolder()
  const repository = await createRepository(join(folder, 'upstream'))
  await repository.commit({ 'prompts/synced.txt': 'from git\n' })
  const acknowledged = new Map<string, number>()
  for (let round = 0; round <= rounds; round++) {
    const serving = await serve(join(folder, 'served'), repository.path, ['--workers', '3'])
    onTestFinished(() => serving.kill('SIGKILL'))
    const connections = connectionsTo(await serving.listening, WRITERS)
    for (const [n, ask] of connections.entries()) await expectKept(ask, `p${n}`, acknowledged)
    if (round === rounds) {
      await serving.firstPass
      serving.kill('SIGTERM')
      expect(await serving.ended).toEqual({ code: 0, signal: null })
      break
    }
    let left = 1 + Math.floor(Math.random() * 60)
    const writing = connections.map(async (ask, n) => {
      const id = `p${n}`
      for (let version = round * ROUND + 1; ; version++) {
        if (!(await promoted(ask, id, version))) return
        acknowledged.set(id, version)
        if (--left === 0) serving.kill('SIGKILL')
      }
    })
    await Promise.all(writing)
    expect((await serving.ended).signal).toBe('SIGKILL')
  }
  expect(contentsOf(join(folder, 'served'))).toMatchObject({ integrity: [{ integrity_check: 'ok' }] })
}

/** Whether it was acknowledged. A killed server answers nothing. */
async function promoted(ask: Ask, id: string, version: number): Promise<boolean> {
  const name = `1.${version}.0`
  try {
    const pushed = await post(ask, '/prompts', { prompt_id: id, version: name, content: `${id} ${version}` })
    expect([200, 201]).toContain(pushed)
    expect(await post(ask, `/prompts/${id}/promote`, { version: name })).toBe(200)
    return true
  } catch (error) {
    if (['ECONNRESET', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

async function expectKept(ask: Ask, id: string, acknowledged: ReadonlyMap<string, number>): Promise<void> {
  const least = acknowledged.get(id)
  if (least === undefined) return
  const { content } = JSON.parse((await ask(`/prompts/${id}`)).text) as { content: string }
  // A later one was written too, if the kill came between its commit and its answer.
  expect(Number(content.split(' ')[1])).toBeGreaterThanOrEqual(least)
  const { versions } = JSON.parse((await ask(`/prompts/${id}/versions`)).text)
  expect(versions.filter(({ status }: { status: string }) => status === 'stable')).toHaveLength(1)
}
