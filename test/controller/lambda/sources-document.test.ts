import { describe, expect, test } from 'vitest'
import { createSourcesDocument, type Fetched } from '../../../controller/lambda/sources-document.ts'

const text = (name: string) => `sources: [{ name: ${name}, repository: acme/prompts }]`

function world(keepMs = 0) {
  const store = { text: text('first'), etag: '"1"', down: false }
  const asked: (string | undefined)[] = []
  const problems: string[] = []
  const clock = { now: 0 }
  const document = createSourcesDocument({
    where: 's3://bucket/promptctl.yaml',
    async fetch(etag): Promise<Fetched> {
      asked.push(etag)
      if (store.down) throw new Error('S3 is down')
      return etag === store.etag ? 'unchanged' : { text: store.text, etag: store.etag }
    },
    problem: (error) => void problems.push((error as Error).message),
    keepMs,
    now: () => clock.now,
  })
  const names = async () => (await document()).sources.map(({ name }) => name)
  return { store, asked, problems, clock, names }
}

describe('the sources document', () => {
  test('is requested with its ETag, and read when it changed', async () => {
    const { store, asked, names } = world()
    expect(await names()).toEqual(['first'])
    expect(await names()).toEqual(['first'])
    Object.assign(store, { text: text('second'), etag: '"2"' })
    expect(await names()).toEqual(['second'])
    expect(asked).toEqual([undefined, '"1"', '"1"'])
  })

  test('stays in force while a newer one is invalid, which is reported each time', async () => {
    const { store, problems, names } = world()
    await names()
    Object.assign(store, { text: 'sources: [{ name: a }]', etag: '"2"' })
    expect([await names(), await names()]).toEqual([['first'], ['first']])
    expect(problems).toEqual(
      Array(2).fill(expect.stringContaining('s3://bucket/promptctl.yaml: sources[0].repository')),
    )
    Object.assign(store, { text: text('second'), etag: '"3"' })
    expect(await names()).toEqual(['second'])
  })

  test('stays in force while the store is unreachable', async () => {
    const { store, problems, names } = world()
    await names()
    store.down = true
    expect(await names()).toEqual(['first'])
    expect(problems).toEqual(['S3 is down'])
  })

  test('is an error if the first one is invalid or unreachable', async () => {
    const { store, names } = world()
    store.text = 'sources: ['
    await expect(names()).rejects.toMatchObject({ code: 'invalid_config' })
    store.down = true
    await expect(names()).rejects.toThrow('S3 is down')
  })

  test('can be cached for a while', async () => {
    const { asked, clock, names } = world(1000)
    await names()
    clock.now = 999
    await names()
    expect(asked).toHaveLength(1)
    clock.now = 1000
    await names()
    expect(asked).toHaveLength(2)
  })
})
