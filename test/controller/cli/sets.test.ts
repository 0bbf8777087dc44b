import { describe, expect, test } from 'vitest'
import type { CurrentSet, SetMovesAnswer } from '../../../api/contract/registry-api.ts'
import { passAt } from '../../support/sets.ts'
import { makeCli, words } from './cli-under-test.ts'

/** A source with the sets of two releases, of which the second has a prompt more. */
async function makeSets() {
  const cli = await makeCli()
  const [one, two] = await cli.withApi(async (api) => [
    await passAt(api, '1.0.0', { a: 'a 1', b: 'b 1' }, 'support'),
    await passAt(api, '2.0.0', { a: 'a 2', b: 'b 2', c: 'c 2' }, 'support'),
  ])
  const say = async (line: string) => {
    const { code, out, err } = await cli.run(words(line))
    return code === 0 ? out.trimEnd() : `${code}: ${err.trimEnd()}`
  }
  return { ...cli, say, one, two }
}

describe('rollback --source', () => {
  test('rolls back the set and then all its prompts', async () => {
    const { say, withApi, one } = await makeSets()
    expect(await say('rollback --source support')).toBe(
      `support: back to v1.0.0 (set ${one.slice(0, 12)}): 2 replaced, 1 removed; releases wait for one above 2.0.0.`,
    )
    await withApi(async (api) => {
      expect((await api.resolve('a', { mode: 'production' })).content).toBe('a 1')
      expect(await api.source('support')).toMatchObject({ settling: false, lease: null })
    })
  })

  test('takes a tag or the beginning of a digest, and prints the document of the API', async () => {
    const { run, one } = await makeSets()
    const back = await run(words(`rollback --source support ${one.slice(0, 12)} -o json --reason worse`))
    expect(back.json()).toMatchObject({ set: one, settling: false, hold: { reason: 'worse' } })
    const again = await run(words('rollback --source support v1.0.0'))
    expect(again.out).toBe(
      `support: v1.0.0 (set ${one.slice(0, 12)}) is already the set of the source; nothing changed.\n`,
    )
  })

  test('changes nothing as a dry run, or without a confirmation on a terminal', async () => {
    const { say, run, withApi, one, two } = await makeSets()
    const effect = `support: rolls back to v1.0.0 (set ${one.slice(0, 12)}): 2 replaced, 1 removed; releases wait for one above 2.0.0.`
    const done = effect.replace('rolls back', 'back')
    expect(await say('rollback --source support --dry-run')).toBe(
      `Dry run, nothing was changed; otherwise: ${done}`,
    )
    const declined = await run(words('rollback --source support'), { typed: true, stdin: 'no\n' })
    expect([declined.code, declined.err]).toEqual([1, expect.stringContaining(effect)])
    expect((await withApi((api) => api.currentSet('support'))).set).toBe(two)
    const confirmed = await run(words('rollback --source support'), { typed: true, stdin: 'yes\n' })
    expect([confirmed.code, confirmed.out]).toEqual([0, expect.stringContaining('back to v1.0.0')])
  })

  test('leaves the prompts to a pass that is at work', async () => {
    const { run, withApi, one } = await makeSets()
    await withApi((api) => api.lease('support', { holder: 'pass', ttl_seconds: 600 }))
    const { code, out, err } = await run(words('rollback --source support'), { pause: async () => {} })
    expect(code).toBe(0)
    expect(err).toContain('another writer is at work')
    expect(out).toContain('Its prompts follow with the next pass.')
    expect(await withApi((api) => api.currentSet('support'))).toMatchObject({ set: one, settling: true })
  })

  test.each([
    ['rollback', 'Name a prompt, or a source with --source.'],
    ['rollback --source support v1.0.0 b', '--source takes one tag or set, and no prompt id.'],
  ])('"%s" is a usage error', async (line, message) => {
    const { run } = await makeCli()
    const { code, err } = await run(words(line))
    expect([code, err]).toEqual([2, expect.stringContaining(message)])
  })

  test('names the releases that it has if there is no such set', async () => {
    const { say } = await makeSets()
    expect(await say('rollback --source support v9')).toMatch(/^1: .*no set of "v9".*v2\.0\.0, v1\.0\.0/)
  })
})

describe('sets', () => {
  test('shows the current set of each source, and all sets of one, newest first', async () => {
    const { say, run, one, two } = await makeSets()
    const [headings, row] = (await say('sets')).split('\n')
    expect(headings).toMatch(/^SOURCE +MOVED \(UTC\) +RELEASE +ACT +SET/)
    expect(row).toMatch(new RegExp(`^support .*v2\\.0\\.0 +release +${two} `))
    expect(await say('sets --source support -o name')).toBe(`${two}\n${one}`)
    const { sets } = (await run(words('sets -o json'))).json<{ sets: readonly CurrentSet[] }>()
    expect(sets.map(({ source, set }) => [source, set])).toEqual([['support', two]])
    const page = (await run(words('sets --source support --limit 1 -o json'))).json<SetMovesAnswer>()
    expect(page.moves.map(({ set }) => set)).toEqual([two])
    expect(page.next_cursor).not.toBeNull()
  })

  test('show prints the versions of a set, and keep keeps it for good', async () => {
    const { say, run, one } = await makeSets()
    expect((await say(`sets show ${one}`)).split('\n').map((line) => line.split(/ +/)[0])).toEqual([
      ...['PROMPT', 'a', 'b'],
    ])
    expect((await run(['sets', 'show', one, '-o', 'json'])).json()).toMatchObject({
      set: one,
      source: 'support',
    })
    expect(await say(`sets keep ${one}`)).toBe(`support: the set ${one.slice(0, 12)} is kept for good.`)
    expect(await say('sets --source support')).toMatch(/for good/)
    expect(await say(`sets keep ${one} --undo`)).toBe(
      `support: the set ${one.slice(0, 12)} is kept like others.`,
    )
  })

  test('is empty before the first sync, with the next step', async () => {
    const { run, withApi } = await makeCli()
    await withApi((api) => api.sources())
    expect((await run(['sets'])).err).toContain('Run "promptctl sync".')
    const { code, err } = await run(words('sets --limit 1'))
    expect([code, err]).toEqual([2, expect.stringContaining('need --source')])
  })
})
