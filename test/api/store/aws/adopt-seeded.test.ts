import { expect, test } from 'vitest'
import { describeOnAws } from '../../../support/aws/moto.ts'
import { awsRegistry, seed, unseed } from '../../../support/aws/registry.ts'
import { ONE, seededWorld, THREE } from '../../../support/aws/seeded-world.ts'
import { read } from '../../../support/registry.ts'

describeOnAws('adopting', () => {
  test('makes seeded prompts appear in lists, and ends when there are none left', async () => {
    const { world, admin, adoptSeeded } = await seededWorld('b', ...THREE)
    await seed(world, 'a/x', ONE)
    await admin.push({ prompt_id: 'c', content: 'ours' })
    expect(await admin.list()).toMatchObject({ prompts: [{ prompt_id: 'c' }], unadopted: true })
    const steps: number[] = []
    const report = await adoptSeeded({
      actor: 'ada',
      onProgress: ({ adopted }) => steps.push(adopted.length),
    })
    expect(report.refused).toEqual([])
    expect([...report.adopted].sort()).toEqual(['a/x', 'b'])
    expect(steps).toEqual([1, 2])
    const list = await awsRegistry(world).admin.list()
    expect(list.prompts.map(({ prompt_id, stable, revision }) => [prompt_id, stable, revision])).toEqual([
      ['a/x', '1.0.0', 1],
      ['b', '1.10.0', 1],
      ['c', null, 1],
    ])
    expect(list.unadopted).toBeUndefined()
    expect((await admin.events('b')).events).toMatchObject([{ sequence: 1, actor: 'ada', to: '1.10.0' }])
    expect(await adoptSeeded({ actor: 'ada' })).toEqual({ adopted: [], refused: [] })
  })

  test('reports why a prompt is not adopted, and that such prompts exist', async () => {
    const { world, admin, adoptSeeded } = await seededWorld('Team', ONE)
    await seed(world, 'bad: id', ONE)
    await admin.push({ prompt_id: 'team', content: 'ours' })
    const { refused } = await adoptSeeded({ actor: 'ada' })
    expect(refused.map(({ promptId }) => promptId).sort()).toEqual(['Team', 'bad: id'])
    for (const { reason } of refused) expect(reason).toMatch(/\.$/)
    expect((await admin.list()).unadopted).toBe(true)
    expect((await admin.list({ prefix: 'te' })).unadopted).toBe(true)
  })

  test('takes over versions that another program added to a prompt', async () => {
    const { world, admin, adoptSeeded } = await seededWorld('p', ONE)
    await admin.push({ prompt_id: 'p', content: 'ours' })
    await seed(world, 'p', { version: '3.0.0', text: 'late' })
    const { adopted, refused } = await adoptSeeded({ actor: 'ada' })
    expect({ adopted, refused }).toEqual({ adopted: ['p'], refused: [] })
    expect(await read(admin, 'p')).toBe('one')
    expect(await read(admin, 'p@3.0.0')).toBe('late')
    expect((await adoptSeeded({ actor: 'ada' })).adopted).toEqual([])
    expect((await admin.list()).unadopted).toBeUndefined()
  })

  test('scans tables of many pages', async () => {
    const { world, admin, adoptSeeded } = await seededWorld('p0', ONE)
    for (let index = 1; index < 7; index++) await seed(world, `p${index}`, ...THREE)
    world.proxy.stingy = true
    expect((await adoptSeeded({ actor: 'ada' })).adopted).toHaveLength(7)
    expect((await admin.list({ limit: 3 })).prompts.map(({ prompt_id }) => prompt_id)).toEqual([
      'p0',
      'p1',
      'p2',
    ])
  })

  test('by another process is seen in every list by a process that knew the seeded prompts', async () => {
    const { world, admin } = await seededWorld('p', ONE)
    const other = awsRegistry(world)
    expect(await read(admin, 'p')).toBe('one')
    expect((await admin.list({ prefix: 'p' })).unadopted).toBe(true)
    await other.adoptSeeded({ actor: 'ada' })
    for (const filter of [{ prefix: 'p' }, { status: 'stable' as const }, {}]) {
      const { prompts, unadopted } = await admin.list(filter)
      expect({ ids: prompts.map(({ prompt_id }) => prompt_id), unadopted }).toEqual({ ids: ['p'] })
    }
  })

  test('by first writes of another process is seen prompt by prompt', async () => {
    const { world, admin, adoptSeeded } = await seededWorld('p', ONE)
    await adoptSeeded({ actor: 'ada' })
    const other = awsRegistry(world).admin
    for (const id of ['q', 'r']) {
      await seed(world, id, ONE)
      expect(await read(admin, id)).toBe('one')
    }
    for (const prompt_id of ['q', 'r']) {
      expect((await admin.list()).unadopted).toBe(true)
      await other.push({ prompt_id, content: 'two' })
    }
    expect((await admin.list()).unadopted).toBeUndefined()
  })

  test('is not awaited if the seeded rows are gone, however many there were', async () => {
    const { world, admin, adoptSeeded } = await seededWorld('p', ONE)
    await adoptSeeded({ actor: 'ada' })
    const ids = Array.from({ length: 101 }, (_, index) => `q${index}`)
    for (const id of ids) await seed(world, id, { ...ONE, s3Key: 'p/1.0.0.txt' })
    await Promise.all(ids.map((id) => read(admin, id)))
    for (const id of ids.slice(1)) await unseed(world, id, ONE)
    expect((await admin.list()).unadopted).toBe(true)
    await unseed(world, 'q0', ONE)
    expect((await admin.list()).unadopted).toBeUndefined()
  })

  test('reports again that seeded prompts exist once a process has seen one', async () => {
    const { world, admin, adoptSeeded } = await seededWorld('p', ONE)
    await adoptSeeded({ actor: 'ada' })
    await seed(world, 'q', ONE)
    expect(await read(admin, 'q')).toBe('one')
    expect((await admin.list()).unadopted).toBe(true)
    await admin.push({ prompt_id: 'q', content: 'two' })
    expect((await admin.list()).unadopted).toBeUndefined()
  })
})
