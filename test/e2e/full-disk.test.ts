import { appendFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openEmbeddedRegistry } from '../../api/server.ts'
import { scratchFolder } from '../support/scratch.ts'
import { mountSmallDisk } from '../support/small-disk.ts'

function fill(file: string): void {
  const full = expect.objectContaining({ code: 'ENOSPC' })
  expect(() => {
    for (;;) appendFileSync(file, Buffer.alloc(64 * 1024))
  }).toThrow(full)
}

describe('a registry whose disk is full', () => {
  it('says so as storage_full, is not healthy, serves what it has, and goes on when there is room', async (context) => {
    const disk = await mountSmallDisk(join(await scratchFolder(), 'disk'), 20 * 1024)
    if (typeof disk === 'string') {
      if (process.env.REQUIRE_ALL === '1') throw new Error(disk)
      return context.skip(disk)
    }
    const registry = openEmbeddedRegistry({ file: join(disk.path, 'registry.db'), log: { error: () => {} } })
    const server = await registry.listen({ host: '127.0.0.1', port: 0, closeWithinMs: 0 })
    const get = (path: string) => fetch(server.url + path)
    const post = (path: string, body: unknown) =>
      fetch(server.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const push = (id: string) => post('/prompts', { prompt_id: id, content: `${id}: ${'x'.repeat(200_000)}` })
    try {
      expect((await push('kept')).status).toBe(201)
      fill(join(disk.path, 'filling'))
      const refused = await push('new')
      expect(refused.status).toBe(507)
      expect(await refused.json()).toMatchObject({
        code: 'storage_full',
        error: expect.stringMatching(/disk of the registry is full.*Free some space/),
      })
      expect(refused.headers.get('retry-after')).toBeNull()
      const health = await get('/health')
      expect([health.status, await health.json()]).toMatchObject([507, { code: 'storage_full' }])
      expect((await get('/prompts/kept?mode=dev')).status).toBe(200)
      expect((await get('/prompts/new?mode=dev')).status).toBe(404)

      const { outcomes } = (await (
        await post('/batch', {
          operations: [
            { op: 'push', prompt_id: 'other', content: 'y'.repeat(200_000), version: '1.0.0' },
            { op: 'promote', prompt_id: 'other', version: '1.0.0' },
          ],
        })
      ).json()) as { outcomes: { code: string }[] }
      expect(outcomes.map(({ code }) => code)).toEqual(['storage_full', 'storage_full'])

      rmSync(join(disk.path, 'filling'))
      expect((await get('/health')).status).toBe(200)
      expect((await push('new')).status).toBe(201)
    } finally {
      await server.close()
      registry.close()
      disk.unmount()
    }
  })
})
