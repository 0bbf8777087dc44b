import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RegistryError } from '../../../api/contract/errors.ts'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { readFindings } from '../../../controller/pass/registry-reads.ts'
import { makeController } from '../../support/controller.ts'
import { createRepository } from '../../support/git-repository.ts'
import { scratchFolder } from '../../support/scratch.ts'

const MANY = 2300

/** A source with one prompt, and more broken files than one request can report. */
async function start() {
  const folder = await scratchFolder()
  const repository = await createRepository(join(folder, 'repository'))
  const broken = Object.fromEntries(Array.from({ length: MANY }, (_, n) => [`prompts/e${n}.txt`, '']))
  await repository.commit({ 'prompts/a.txt': 'one', ...broken })
  const controller = makeController({
    folder,
    repository: repository.path,
    source: { massChange: false },
  })
  const { api } = controller
  const findings = async () => await readFindings({ api, source: { name: 'demo' } })
  const puts = () => controller.traffic.requests.filter((one) => one === 'PUT /sources/demo').length
  return { repository, controller, findings, puts }
}

/** The registry, which refuses the write of a state after so many. */
function failingAfter(api: RegistryApi, writes: number): RegistryApi {
  let left = writes
  return {
    ...api,
    recordSource: async (...args) => {
      if (left-- > 0) return await api.recordSource(...args)
      throw new RegistryError('unavailable', 'The registry is gone.')
    },
  }
}

describe('more findings than fit into one request', () => {
  it('are all recorded, and all cleared, in several requests', async () => {
    const { repository, controller, findings, puts } = await start()
    const report = await controller.sync()
    expect(report.counts.quarantined).toBe(MANY)
    expect(new Set((await findings()).map(({ subject }) => subject.name)).size).toBe(MANY)
    // Before the first change, and then a thousand findings at a time.
    expect(puts()).toBe(4)
    const mended = Object.fromEntries(Array.from({ length: MANY }, (_, n) => [`prompts/e${n}.txt`, null]))
    await repository.commit(mended)
    expect((await controller.sync()).counts.quarantined).toBe(0)
    expect(await findings()).toEqual([])
    expect((await controller.sync()).result).toBe('unchanged')
  })

  it.each([1, 2, 3])(
    'are recorded by the next pass if the registry fails after %i of the writes',
    async (writes) => {
      const { controller, findings } = await start()
      const failed = await controller.sync({ api: failingAfter(controller.api, writes) })
      expect(failed.result).toBe('failed')
      expect((await controller.sync()).counts.quarantined).toBe(MANY)
      expect(await findings()).toHaveLength(MANY)
      expect((await controller.sync()).result).toBe('unchanged')
    },
  )
})
