import { join } from 'node:path'
import { expect } from 'vitest'
import { makeController } from './controller.ts'
import { createRepository } from './git-repository.ts'
import { scratchFolder } from './scratch.ts'

const MINUTE = 60_000

/** A pass without changes costs one listing and one read of the registry, for any number of these. */
export async function expectIdleCosts({
  prompts,
  tags,
}: {
  readonly prompts: number
  readonly tags: number
}): Promise<void> {
  const folder = await scratchFolder()
  const repository = await createRepository(join(folder, 'upstream'))
  const files = Array.from({ length: prompts }, (_, n) => [
    `prompts/team-${n % 100}/p${n}.txt`,
    `prompt number ${n}\n`,
  ])
  const commit = await repository.commit(Object.fromEntries(files))
  await repository.tag('v1.0.0')
  const refs = Array.from(
    { length: tags - 1 },
    (_, n) => `create refs/tags/team-0/p0@0.0.${n + 1} ${commit}\n`,
  )
  await repository.gitWith(refs.join(''), 'update-ref', '--stdin')

  let now = Date.parse('2026-01-01T00:00:00Z')
  const controller = makeController({ folder, repository: repository.path, now: () => now })
  const { traffic } = controller
  expect((await controller.sync()).result).toBe('synced')

  const pass = async () => {
    const before = {
      requests: traffic.requests.length,
      listings: traffic.listings,
      opened: traffic.opened,
    }
    expect((await controller.sync()).result).toBe('unchanged')
    expect(traffic.listings - before.listings).toBe(1)
    expect(traffic.opened - before.opened).toBe(0)
    return traffic.requests.slice(before.requests)
  }
  const read = 'GET /sources/demo'
  expect(await pass()).toEqual([read])
  now += MINUTE - 1
  expect(await pass()).toEqual([read])
  now += 1
  expect(await pass()).toEqual([read, 'PUT /sources/demo'])
  now += MINUTE - 1
  expect(await pass()).toEqual([read])
}
