import { expect, test } from 'vitest'
import { describeOnAws } from '../../../support/aws/moto.ts'
import {
  allRows,
  awsRegistry,
  foreignRows,
  objectKeys,
  putText,
  type Seed,
  seed,
  textAt,
} from '../../../support/aws/registry.ts'
import { ONE, seededWorld, THREE } from '../../../support/aws/seeded-world.ts'
import { outcome, read } from '../../../support/registry.ts'

const stables = (rows: readonly { status: string | undefined; version: string }[]) =>
  rows.filter(({ status }) => status === 'stable').map(({ version }) => version)

describeOnAws('prompts that Terraform seeded', () => {
  test('resolve with and without a pin, in every mode', async () => {
    const { admin } = await seededWorld('team/triage', ONE)
    for (const mode of ['production', 'staging', 'dev', 'simulation']) {
      for (const reference of ['team/triage', 'team/triage@1.0.0', 'team/triage_v1', 'team/triage@v1.0.0'])
        expect(await read(admin, reference, mode), `${reference} in ${mode}`).toBe('one')
    }
    expect(await admin.resolve('team/triage')).toMatchObject({
      version: '1.0.0',
      status: 'stable',
      revision: 0,
    })
    expect(await read(admin, 'team/triage@2.0.0')).toBe('not_found')
    expect(await read(admin, 'team/other')).toBe('not_found')
  })

  test.each(['a:b', 'mail@team', 'greeting_v2', 'a/versions', 'x/../y', ' spaced ', 'CON', 'what?'])(
    'resolve by their exact id %j, although no other prompt can have it',
    async (id) => {
      const { admin } = await seededWorld(id, ONE)
      const { results } = await admin.resolveMany({ references: [id, `${id}@1.0.0`, `${id}x:`] })
      expect(results.slice(0, 2)).toMatchObject([
        { prompt: { prompt_id: id, content: 'one' } },
        { prompt: { prompt_id: id, version: '1.0.0' } },
      ])
      expect(results[2]).toMatchObject({ code: expect.stringMatching(/^invalid_/) })
    },
  )

  test('serve the current content of their object', async () => {
    const { world, admin } = await seededWorld('p', ONE)
    expect(await read(admin, 'p')).toBe('one')
    await putText(world, 'p/1.0.0.txt', 'one, edited in place')
    expect(await read(admin, 'p')).toBe('one, edited in place')
  })

  test('are read from the object named in their row, whatever its key', async () => {
    const { admin } = await seededWorld('p', { ...ONE, s3Key: 'somewhere/else.md' })
    expect(await read(admin, 'p')).toBe('one')
    await admin.push({ prompt_id: 'p', content: 'two' })
    expect(await read(admin, 'p')).toBe('one')
  })

  test('show description, tags and time from their rows, in any format', async () => {
    const shapes: Seed[] = [
      { ...ONE, version: '1.0.0', more: { tags: { L: [{ S: 'b' }, { S: 'a' }] }, description: { S: 'd' } } },
      {
        ...ONE,
        version: '1.1.0',
        more: { tags: { SS: ['a', 'b'] }, created_at: { S: '2025-03-01T10:00:00+02:00' } },
      },
      { ...ONE, version: '1.2.0', more: { tags: { S: '["x","y"]' }, created_at: { N: '1740816000' } } },
      { ...ONE, version: '1.3.0', more: { tags: { S: 'x, y,,z' }, description: { S: '' } } },
      { ...ONE, version: '1.4.0', more: { tags: { M: {} }, description: { NULL: true } } },
    ]
    const { admin } = await seededWorld('p', ...shapes)
    const { versions } = await admin.versions('p')
    expect(versions.map(({ version, description, tags }) => [version, description, tags])).toEqual([
      ['1.4.0', null, []],
      ['1.3.0', null, ['x', 'y', 'z']],
      ['1.2.0', null, ['x', 'y']],
      ['1.1.0', null, ['a', 'b']],
      ['1.0.0', 'd', ['b', 'a']],
    ])
    expect(versions[2]?.created_at).toBe('2025-03-01T08:00:00.000Z')
    expect(versions[3]?.created_at).toBe('2025-03-01T08:00:00.000Z')
    expect(Date.parse(versions[4]?.created_at ?? '')).toBeGreaterThan(0)
  })

  test('serve the highest semantic version if several rows are stable, and show the others as released', async () => {
    const { admin } = await seededWorld('p', ...THREE)
    expect(await admin.resolve('p')).toMatchObject({ version: '1.10.0', content: 'ten' })
    expect(await read(admin, 'p@1.9.0')).toBe('nine')
    const { versions } = await admin.versions('p', { limit: 2 })
    expect(versions.map(({ version, status }) => [version, status])).toEqual([
      ['1.10.0', 'stable'],
      ['1.9.0', 'deprecated'],
    ])
  })

  test('can be paged through and compared', async () => {
    const { admin } = await seededWorld('p', ...THREE)
    const first = await admin.versions('p', { limit: 2 })
    const rest = await admin.versions('p', { limit: 2, cursor: first.next_cursor ?? '' })
    expect([...first.versions, ...rest.versions].map(({ version }) => version)).toEqual([
      '1.10.0',
      '1.9.0',
      '1.2.0',
    ])
    expect(rest.next_cursor).toBeNull()
    const { diff } = await admin.diff('p', { v1: '1.9.0', v2: '1.10.0' })
    expect(diff).toContain('-nine')
    expect(diff).toContain('+ten')
    expect(await admin.events('p')).toMatchObject({ events: [], next_cursor: null })
  })

  test('have exactly one stable row after their first promotion', async () => {
    const { world, admin } = await seededWorld('p', ...THREE)
    expect(stables(await foreignRows(world, 'p'))).toHaveLength(3)
    expect(await admin.promote('p', { version: '1.9.0' })).toMatchObject({
      version: '1.9.0',
      previous: '1.10.0',
      changed: true,
    })
    const rows = await foreignRows(world, 'p')
    expect(rows.map(({ version, status }) => [version, status])).toEqual([
      ['1.10.0', 'deprecated'],
      ['1.2.0', 'deprecated'],
      ['1.9.0', 'stable'],
    ])
    expect(await read(admin, 'p')).toBe('nine')
  })

  test('have exactly one stable row after their first push, which is a draft', async () => {
    const { world, admin } = await seededWorld('p', ...THREE)
    const { version } = await admin.push({ prompt_id: 'p', content: 'new' })
    expect(stables(await foreignRows(world, 'p'))).toEqual(['1.10.0'])
    expect(await read(admin, 'p')).toBe('ten')
    expect(await read(admin, 'p', 'dev')).toBe('new')
    const { versions } = await admin.versions('p')
    expect(versions.map((row) => row.version)).toEqual([version, '1.10.0', '1.9.0', '1.2.0'])
  })

  test('have no stable row after a release retires them, and stay archived', async () => {
    const { world, admin } = await seededWorld('p', ...THREE)
    const archive = { op: 'archive' as const, prompt_id: 'p', archived: true }
    expect((await admin.batch({ operations: [archive] })).outcomes).toMatchObject([{ ok: true }])
    expect(stables(await foreignRows(world, 'p'))).toEqual(['1.10.0'])
    expect(await read(admin, 'p')).toBe('ten')
    const retire = { op: 'retire' as const, prompt_id: 'p', release: '2.0.0' }
    expect((await admin.batch({ operations: [retire] })).outcomes).toMatchObject([{ ok: true }])
    expect(stables(await foreignRows(world, 'p'))).toEqual([])
    expect(await read(admin, 'p')).toBe('not_released')
    expect(await read(admin, 'p@1.10.0')).toBe('ten')
    expect((await admin.list()).prompts).toMatchObject([{ archived: true, retired: '2.0.0', stable: null }])
  })

  test("copy the content of every version out of Terraform's reach at the first write", async () => {
    const { world, admin } = await seededWorld('p', ...THREE)
    await admin.push({ prompt_id: 'p', content: 'new' })
    for (const { version } of THREE) await putText(world, `p/${version}.txt`, 'edited by Terraform')
    const fresh = awsRegistry(world)
    expect(await read(fresh.admin, 'p')).toBe('ten')
    expect(await read(fresh.admin, 'p@1.2.0')).toBe('two')
    for (const { s3_key, version } of await foreignRows(world, 'p'))
      expect(await textAt(world, s3_key ?? ''), version).not.toBe('edited by Terraform')
  })

  test("do not change Terraform's objects", async () => {
    const { world, admin } = await seededWorld('p', ONE)
    await admin.push({ prompt_id: 'p', content: 'new', version: '2.0.0' })
    expect(await textAt(world, 'p/1.0.0.txt')).toBe('one')
    expect(await objectKeys(world)).toEqual([
      expect.stringMatching(/^p\/1\.0\.0\.[0-9a-f]{64}\.txt$/),
      'p/1.0.0.txt',
      'p/2.0.0.txt',
    ])
  })

  test('roll back to a seeded version, before and after a push and a promotion', async () => {
    const { world, admin } = await seededWorld('p', ...THREE)
    expect(await admin.rollback('p', {})).toMatchObject({ version: '1.9.0', changed: true })
    expect(stables(await foreignRows(world, 'p'))).toEqual(['1.9.0'])
    const { version } = await admin.push({ prompt_id: 'p', content: 'new' })
    await admin.promote('p', { version, alias: '2.0.0' })
    expect(await read(admin, 'p')).toBe('new')
    expect(await admin.rollback('p', {})).toMatchObject({ version: '1.9.0' })
    expect(await read(awsRegistry(world).admin, 'p')).toBe('nine')
    expect(stables(await foreignRows(world, 'p'))).toEqual(['1.9.0'])
  })

  test('recognise their own content when pushed from git, and promote it by its tag', async () => {
    const { world, admin } = await seededWorld('p', ...THREE)
    const origin = { source: 'git' }
    expect(await admin.push({ prompt_id: 'p', content: 'ten', origin })).toMatchObject({
      created: false,
      version: '1.10.0',
    })
    expect(await outcome(admin.promote('p', { version: '1.2.0', alias: 'v1.3.0', source: 'git' }))).toBe(
      'not_newer',
    )
    await admin.promote('p', { version: '1.2.0', alias: 'v1.11.0', source: 'git' })
    expect(stables(await foreignRows(world, 'p'))).toEqual(['1.2.0'])
    expect(await read(admin, 'p@1.11')).toBe('two')
  })

  test('refuse the label of a seeded version, and an alias of another one', async () => {
    const { admin } = await seededWorld('p', ...THREE)
    expect(await outcome(admin.push({ prompt_id: 'p', content: 'x', version: 'v1.9' }))).toBe(
      'version_exists',
    )
    expect(await outcome(admin.addAlias('p', { version: '1.2.0', alias: '1.9.0' }))).toBe('alias_taken')
    await admin.push({ prompt_id: 'p', content: 'y' })
    expect(await outcome(admin.push({ prompt_id: 'p', content: 'x', version: 'v1.9' }))).toBe(
      'version_exists',
    )
    expect(await outcome(admin.addAlias('p', { version: '1.2.0', alias: '1.9.0' }))).toBe('alias_taken')
  })

  test('revoke seeded content under every label', async () => {
    const { world, admin } = await seededWorld('p', ...THREE, { version: '1.8.0', text: 'ten' })
    expect(await admin.revoke('p', { version: '1.10.0', reason: 'bad' })).toMatchObject({ stable: '1.9.0' })
    expect((await foreignRows(world, 'p')).map(({ version, status }) => [version, status])).toEqual([
      ['1.10.0', 'revoked'],
      ['1.2.0', 'deprecated'],
      ['1.8.0', 'revoked'],
      ['1.9.0', 'stable'],
    ])
    expect(await outcome(admin.push({ prompt_id: 'p', content: 'ten' }))).toBe('revoked')
  })

  test('are found by content under every label after adoption', async () => {
    const { world, admin } = await seededWorld('p', ...THREE, { version: '1.8.0', text: 'ten' })
    await admin.push({ prompt_id: 'p', content: 'ten', version: 'ten-again' })
    const { revoked } = await awsRegistry(world).admin.revoke('p', { version: '1.10.0' })
    expect([...revoked].sort()).toEqual(['1.10.0', '1.8.0', 'ten-again'])
  })

  test('are seen as soon as they exist, even by a process that just looked for them', async () => {
    const { world, admin } = await seededWorld('other', ONE)
    expect(await read(admin, 'p')).toBe('not_found')
    expect(await read(admin, 'q')).toBe('not_found')
    await seed(world, 'p', ONE)
    const { version } = await awsRegistry(world).admin.push({ prompt_id: 'q', content: 'pushed' })
    expect(await read(admin, 'p@1.0.0')).toBe('one')
    expect(await read(admin, 'p')).toBe('one')
    expect(await read(admin, `q@${version}`, 'dev')).toBe('pushed')
    expect(await read(admin, 'q', 'dev')).toBe('pushed')
  })

  test('refuse a change that was based on earlier content of their object', async () => {
    const { world, prompts } = await seededWorld('p', ONE)
    const { head, stable } = (await prompts.snapshot('p')) ?? {}
    if (head === undefined || stable == null) throw new Error('nothing seeded')
    const event = {
      type: 'archived',
      prompt_id: 'p',
      actor: 'a',
      at: '2026-01-31T12:00:00.000Z',
      reason: null,
      from: null,
      to: null,
    } as const
    const change = {
      promptId: 'p',
      expectedRevision: 0,
      head: { ...head, revision: 1 },
      versions: [{ ...stable, description: 'described' }],
      content: null,
      names: [],
      events: [{ ...event, id: 'an-event', sequence: 1, details: null }],
    }
    await putText(world, 'p/1.0.0.txt', 'edited meanwhile')
    expect(await prompts.commit(change)).toBe(false)
    await putText(world, 'p/1.0.0.txt', 'one')
    await seed(world, 'p', { version: '2.0.0', text: 'two' })
    expect(await prompts.commit(change)).toBe(false)
    expect((await prompts.snapshot('p'))?.head).toMatchObject({ revision: 0, stable: '2.0.0' })
  })

  test('report missing content, and serve the other versions', async () => {
    const lost: Seed = { version: '1.9.5', text: null }
    const { world, admin } = await seededWorld('p', ...THREE, lost)
    expect(await read(admin, 'p')).toBe('ten')
    const failure = await admin.resolve('p@1.9.5').catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'text_missing', message: expect.stringContaining('p/1.9.5.txt') })
    expect((await admin.versions('p')).versions).toHaveLength(4)
    await admin.promote('p', { version: '1.2.0' })
    expect(stables(await foreignRows(world, 'p'))).toEqual(['1.2.0'])
    expect(await outcome(awsRegistry(world).admin.resolve('p@1.9.5'))).toBe('text_missing')
  })

  test('report missing content of the stable version, and serve again after a promotion', async () => {
    const { admin } = await seededWorld('p', { version: '1.0.0', text: null })
    expect(await outcome(admin.resolve('p'))).toBe('text_missing')
    const { version } = await admin.push({ prompt_id: 'p', content: 'new' })
    await admin.promote('p', { version })
    expect(await read(admin, 'p')).toBe('new')
  })

  test('report an object that is too large for a prompt, and serve the other versions', async () => {
    const large: Seed = { version: '3.0.0', text: 'x'.repeat(1024 * 1024 + 1) }
    const largest: Seed = { version: '2.0.0', text: 'x'.repeat(1024 * 1024) }
    const { admin } = await seededWorld('p', ...THREE, largest, large)
    const failure = await admin.resolve('p').catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'text_missing',
      message: expect.stringContaining('"p/3.0.0.txt" has more than 1048576 bytes'),
    })
    expect(await read(admin, 'p@2.0.0')).toBe(largest.text)
    expect((await admin.versions('p')).versions).toHaveLength(5)
    await admin.promote('p', { version: '1.10.0' })
    expect(await read(admin, 'p')).toBe('ten')
  })

  test('keep attributes of other programs in their rows', async () => {
    const { world, admin } = await seededWorld('p', { ...ONE, more: { prompt_type: { S: 'system' } } })
    await admin.push({ prompt_id: 'p', content: 'new' })
    const row = (await allRows(world)).find(
      ({ prompt_key, version }) => prompt_key?.S === 'p' && version?.S === '1.0.0',
    )
    expect(row).toMatchObject({
      prompt_type: { S: 'system' },
      status: { S: 'stable' },
      description: { S: '' },
      tags: { L: [] },
      created_at: { S: expect.any(String) },
      updated_at: { S: expect.any(String) },
    })
  })

  test('hide versions with an unknown status from readers of releases', async () => {
    const { admin } = await seededWorld('p', ONE, { version: '2.0.0', text: 'two', status: 'archived' })
    expect(await read(admin, 'p')).toBe('one')
    expect(await read(admin, 'p@2.0.0')).toBe('not_released')
  })

  test('refuse a promotion that lost a race, and accept a retry', async () => {
    const { world, admin } = await seededWorld('p', ...THREE)
    const other = awsRegistry(world)
    const [a, b] = await Promise.all([
      admin.promote('p', { version: '1.9.0' }),
      other.admin.promote('p', { version: '1.2.0' }),
    ])
    expect([a.changed, b.changed]).toEqual([true, true])
    expect(stables(await foreignRows(world, 'p'))).toHaveLength(1)
    expect((await admin.events('p')).events.map(({ sequence }) => sequence)).toEqual([2, 1])
  })

  test('are adopted with very many versions, with one stable at every step', async () => {
    const many = Array.from({ length: 45 }, (_, index) => ({
      version: `1.${index}.0`,
      text: `text ${index}`,
    }))
    const { world, admin } = await seededWorld('p', ...many)
    const { version } = await admin.push({ prompt_id: 'p', content: 'new' })
    const fresh = awsRegistry(world).admin
    expect(await read(fresh, 'p')).toBe('text 44')
    expect(await read(fresh, 'p@1.3.0')).toBe('text 3')
    expect(stables(await foreignRows(world, 'p'))).toEqual(['1.44.0'])
    const { versions } = await fresh.versions('p', { limit: 100 })
    expect(versions.map((row) => row.version)).toEqual([version, ...many.map((one) => one.version).reverse()])
  })
})
