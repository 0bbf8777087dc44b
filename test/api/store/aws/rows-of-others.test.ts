import { describe, expect, test } from 'vitest'
import { describeOnAws } from '../../../support/aws/moto.ts'
import {
  type AwsRegistry,
  allRows,
  asPreview,
  awsRegistry,
  foreignRows,
  objectKeys,
  putRows,
  putText,
  seed,
  unseed,
  type WorldCopy,
} from '../../../support/aws/registry.ts'
import { ONE, seededWorld } from '../../../support/aws/seeded-world.ts'
import type { AwsWorld } from '../../../support/aws/world.ts'
import { outcome, read } from '../../../support/registry.ts'

/** Changes of rows behind the registry's back, by the platform or by accident. */

type Row = WorldCopy['rows'][number]

/** Rewrites rows. Returns their number. */
async function rewrite(world: AwsWorld, chosen: (row: Row) => boolean, change: (row: Row) => Row) {
  const rows = (await allRows(world)).filter(chosen)
  await putRows(world, rows.map(change))
  return rows.length
}

const at = (hash: string, range: string) => (row: Row) =>
  row.prompt_key?.S === hash && (row.version?.S ?? '').startsWith(range)

/** A prompt of the registry with two releases, the second one stable. */
async function released(id = 'p') {
  const started = await seededWorld('seeded', ONE)
  const { admin } = started
  const labels: string[] = []
  for (const [content, alias] of [
    ['first', '1.0.0'],
    ['second', '1.1.0'],
  ] as const) {
    const { version } = await admin.push({ prompt_id: id, content, front_matter: '' })
    await admin.promote(id, { version, alias })
    labels.push(version)
  }
  const [first = '', second = ''] = labels
  return { ...started, first, second }
}

/** Rows of a preview of the registry: without a schema. */
async function preview(): Promise<AwsRegistry & { readonly world: AwsWorld; readonly second: string }> {
  const started = await released()
  const { world } = started
  await asPreview(world)
  return { ...started, ...awsRegistry(world) }
}

describeOnAws('behind the registry,', () => {
  describe('a seeded row', () => {
    test.each([
      ['an empty s3_key', { s3_key: { S: '' } }],
      ['no s3_key', { s3_key: { NULL: true } }],
      ['an s3_key that is a number', { s3_key: { N: '7' } }],
    ])(
      'with %s is read from <id>/<version>.txt, and never from a listing of the bucket',
      async (_what, more) => {
        const { world, admin } = await seededWorld('p', { version: '1.0.0', text: null, more })
        expect(await outcome(admin.resolve('p'))).toBe('text_missing')
        await putText(world, 'p/1.0.0.txt', 'its text')
        for (const api of [admin, awsRegistry(world).admin]) expect(await read(api, 'p')).toBe('its text')
        await admin.push({ prompt_id: 'p', content: 'next' })
        expect(await read(admin, 'p')).toBe('its text')
      },
    )
  })

  describe('a seeded row with a poisoned attribute', () => {
    test.each([
      ['a created_at beyond all dates', { created_at: { N: '9e99' } }],
      ['a created_at that is no date', { created_at: { S: 'yesterday' } }],
      ['an updated_at of another type', { updated_at: { BOOL: true } }],
      ['tags that are broken JSON', { tags: { S: '["a", ' } }],
      ['tags nested in tags', { tags: { L: [{ L: [{ S: 'a' }] }, { M: {} }] } }],
      ['a description that is a list', { description: { L: [{ S: 'a' }] } }],
      ['a status that is a number', { status: { N: '1' } }],
    ])('%s is served, listed and adopted like others', async (_what, more) => {
      const { world, admin } = await seededWorld('p', { version: '1.0.0', text: 'one', more })
      await seed(world, 'other', { version: '1.0.0', text: 'other' })
      expect(await read(admin, 'p', 'dev')).toBe('one')
      const { adopted, refused } = await awsRegistry(world).adoptSeeded({ actor: 'ada' })
      expect([[...adopted].sort(), refused]).toEqual([['other', 'p'], []])
      const { admin: later } = awsRegistry(world)
      expect((await later.list()).prompts.map(({ prompt_id }) => prompt_id)).toEqual(['other', 'p'])
      expect((await later.versions('p')).versions).toHaveLength(1)
      expect(await read(later, 'p', 'dev')).toBe('one')
    })
  })

  describe('the row of a released version that somebody deleted', () => {
    const mends: readonly (readonly [
      string,
      (started: Awaited<ReturnType<typeof released>>) => Promise<unknown>,
    ])[] = [
      [
        'a push of the same text',
        ({ admin }) => admin.push({ prompt_id: 'p', content: 'second', front_matter: '' }),
      ],
      ['a promotion', ({ admin, second }) => admin.promote('p', { version: second, alias: '1.1.0' })],
    ]
    test.each(mends)(
      'is repaired by %s; until then no other version is served instead',
      async (_what, mend) => {
        const started = await released()
        const { world, admin, second } = started
        await unseed(world, 'p', { version: second, text: null })
        const found = await admin.resolve('p').catch(() => undefined)
        if (found !== undefined)
          expect(found).toMatchObject({ version: second, status: 'stable', content: 'second' })
        await mend(started)
        for (const api of [admin, awsRegistry(world).admin]) {
          expect(await api.resolve('p')).toMatchObject({
            version: second,
            status: 'stable',
            content: 'second',
          })
          expect(await read(api, `p@${second}`)).toBe('second')
          expect(await read(api, 'p@1.1.0')).toBe('second')
          expect((await api.versions('p')).versions.map(({ version }) => version)).toContain(second)
        }
        expect((await foreignRows(world, 'p')).filter(({ status }) => status === 'stable')).toMatchObject([
          { version: second },
        ])
      },
    )

    test('is repaired for an earlier release too, which stays deprecated', async () => {
      const { world, admin, first, second } = await released()
      await unseed(world, 'p', { version: first, text: null })
      expect(await read(admin, 'p')).toBe('second')
      await admin.push({ prompt_id: 'p', content: 'first', front_matter: '', latest: false })
      // As in a full pass that finds a released version with the status draft.
      await admin.addAlias('p', { version: first, alias: '1.0.0' })
      const { admin: other } = awsRegistry(world)
      expect(await other.resolve('p')).toMatchObject({ version: second, status: 'stable' })
      expect(await other.resolve('p@1.0.0')).toMatchObject({ content: 'first', status: 'deprecated' })
    })
  })

  describe('a stable row that is seeded onto a prompt of the registry', () => {
    test('is listed and can be promoted, is not served without a pin, and no push overwrites it', async () => {
      const { world, admin, second } = await released()
      await seed(world, 'p', { version: '3.0.0', text: 'late' })
      expect(await admin.resolve('p')).toMatchObject({ version: second, content: 'second' })
      const push = await outcome(admin.push({ prompt_id: 'p', content: 'other', version: '3.0.0' }))
      expect(push).toBe('version_exists')
      expect(await read(admin, 'p@3.0.0')).toBe('late')
      expect((await admin.versions('p')).versions.map(({ version }) => version)).toContain('3.0.0')
      await admin.promote('p', { version: '3.0.0' })
      expect(await read(awsRegistry(world).admin, 'p')).toBe('late')
      expect(await objectKeys(world)).toContain('p/3.0.0.txt')
    })
  })

  describe('a row of the registry that cannot be read', () => {
    const broken = (row: Row) => ({ ...row, record: { S: '{"head":' } })

    test('of the catalog is reported by a list, which continues', async () => {
      const { world, admin } = await released('a')
      await admin.push({ prompt_id: 'b', content: 'b' })
      expect(await rewrite(world, at('#catalog', 'a'), broken)).toBe(1)
      const { prompts, unreadable } = await admin.list()
      expect(prompts.map(({ prompt_id }) => prompt_id)).toEqual(['b'])
      expect(unreadable).toEqual([
        { row: '"#catalog" "a"', problem: expect.stringContaining('restore it from a backup') },
      ])
      expect(await read(admin, 'a')).toBe('second')
    })

    test('of a prompt fails alone: other prompts of the same request are returned', async () => {
      const { world, admin } = await released('a')
      await admin.push({ prompt_id: 'b', content: 'b' })
      expect(await rewrite(world, at('#prompt#a', 'head'), broken)).toBe(1)
      const { results } = await admin.resolveMany({ references: ['a', 'b'], mode: 'dev' })
      expect(results).toMatchObject([{ code: 'unavailable' }, { prompt: { content: 'b' } }])
      const { prompts } = await admin.lookup({ prompts: [{ prompt_id: 'a' }, { prompt_id: 'b' }] })
      expect(prompts).toMatchObject([{ problem: { code: 'unavailable' } }, { prompt: { prompt_id: 'b' } }])
    })

    test('of the feed is omitted', async () => {
      const { world, admin } = await released('a')
      const feed = (row: Row) => (row.prompt_key?.S ?? '').startsWith('#feed#')
      const rows = (await allRows(world)).filter(feed)
      const [first] = rows.filter((row) => row.record !== undefined)
      expect(await rewrite(world, (row) => feed(row) && row.version?.S === first?.version?.S, broken)).toBe(1)
      expect((await admin.feed()).events).toHaveLength(rows.length - 1)
    })
  })

  describe('a table that a preview wrote', () => {
    test('is refused with instructions', async () => {
      const { admin } = await preview()
      const failure = await admin.resolve('p').catch((error: unknown) => error)
      expect(failure).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('run "promptctl adopt --reset" once'),
      })
    })

    test('is reset to the rows and content that other readers know, and then adopted', async () => {
      const { world, second, resetPreview } = await preview()
      const before = { rows: await foreignRows(world, 'p'), keys: await objectKeys(world) }
      expect(await resetPreview()).toBeGreaterThan(5)
      expect(await foreignRows(world, 'p')).toEqual(before.rows)
      expect(await objectKeys(world)).toEqual(before.keys)
      expect((await allRows(world)).filter(({ prompt_key }) => prompt_key?.S?.startsWith('#'))).toEqual([])
      const { admin, adoptSeeded } = awsRegistry(world)
      expect(await admin.resolve('p')).toMatchObject({ version: second, content: 'second' })
      expect([...(await adoptSeeded({ actor: 'ada' })).adopted].sort()).toEqual(['p', 'seeded'])
      expect((await admin.list()).prompts.map(({ prompt_id }) => prompt_id)).toEqual(['p', 'seeded'])
      expect(await resetPreview()).toBe(0)
      expect(await read(admin, 'p')).toBe('second')
    })
  })
})
