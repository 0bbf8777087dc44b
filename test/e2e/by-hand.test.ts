import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { EventDocument, FeedAnswer } from '../../api/contract/registry-api.ts'
import { configure, makeCli, words } from '../controller/cli/cli-under-test.ts'
import { createRepository } from '../support/git-repository.ts'

/** What people do to prompts by hand, and what their source then says and does about it. */

const T = 'prompts/t.md'

/** Two releases of the prompt `t` in the source `s`, synced. */
async function start(keys = '') {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repository'))
  const promptctl = async (line: string) => await cli.run(words(line))
  const release = async (text: string, tag: string) => {
    await repository.commit({ [T]: text })
    await repository.tag(tag)
  }
  const source = async (more: string) =>
    await configure(cli.folder, [`{ name: s, repository: ./repository, branch: main${more} }`])
  await source(keys)
  await release('one\n', 'v1.0.0')
  await release('two\n', 'v1.1.0')
  await promptctl('sync')
  const get = async (reference = 't', mode = 'production') =>
    (await promptctl(`get ${reference} --mode ${mode}`)).out
  /** A version that git does not have, stable and latest, without a hold. */
  const promoteByHand = async () => {
    await cli.run(words('push t --version hand --override'), { stdin: 'by hand\n' })
    await promptctl('promote t hand --override')
    await promptctl('unhold t')
  }
  const runs = async (...lines: readonly string[]) => {
    const all = []
    for (const line of lines) all.push(await promptctl(line))
    return all
  }
  return { ...cli, repository, release, source, promptctl, get, promoteByHand, runs }
}

describe('a revocation of what git releases', () => {
  it.each([
    ['the content', '--scope content'],
    ['one version', '--scope version'],
  ])(
    'of %s makes the source not ready from its next pass on, until another release',
    async (_what, scope) => {
      const { promptctl, runs, release, get } = await start()
      await promptctl(`revoke t 1.1.0 --reason leak ${scope}`)
      for (const { code, out } of await runs('sync', 'sync', 'sync --full', 'sync'))
        expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('1 refused') })
      expect((await promptctl('sources s')).out).toMatch(/Ready False \(Refused\) .*was revoked for "t"/)
      expect(await get()).toBe('one\n')
      await release('three\n', 'v1.2.0')
      for (const { code } of await runs('sync', 'sync', 'sync --full')) expect(code).toBe(0)
      expect(await get()).toBe('three\n')
    },
  )

  it('of an older release concerns nobody', async () => {
    const { promptctl, runs, get } = await start()
    await promptctl('revoke t 1.0.0 --reason leak')
    for (const { code } of await runs('sync', 'sync --full')) expect(code).toBe(0)
    expect(await get()).toBe('two\n')
    expect((await promptctl('sources s')).out).toContain('Ready True')
  })
})

describe('a transfer', () => {
  it('to another source makes the first one not ready from its next pass on, and back makes it ready', async () => {
    const { promptctl, runs } = await start()
    await promptctl('transfer t other --create')
    for (const { code, out } of await runs('sync', 'sync', 'sync --full'))
      expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('1 refused') })
    await promptctl('transfer t s')
    expect(await promptctl('sync')).toMatchObject({ code: 0 })
    expect((await promptctl('sources s')).out).toContain('Ready True')
  })

  it('to nobody leaves the prompt to the next source that pushes it', async () => {
    const { promptctl, repository, runs } = await start()
    const owner = async () => {
      const { prompts } = (await promptctl('list -o json')).json<{ prompts: { source: string | null }[] }>()
      return prompts.map(({ source }) => source)
    }
    await promptctl('transfer t --to-none')
    for (const { code } of await runs('sync', 'sync --full')) expect(code).toBe(0)
    expect(await owner()).toEqual([null])
    await repository.commit({ [T]: 'three\n' })
    expect(await promptctl('sync')).toMatchObject({ code: 0 })
    expect(await owner()).toEqual(['s'])
  })
})

describe('a source that heals', () => {
  it('restores the stable and the latest version at its next full pass, with events that say so', async () => {
    const { promptctl, promoteByHand, get } = await start(', drift: heal')
    await promoteByHand()
    expect([await get(), await get('t', 'dev')]).toEqual(['by hand\n', 'by hand\n'])
    expect((await promptctl('plan')).out).toMatch(/^ {2}heal {5}t: stable \w{12}, latest \w{12}$/m)
    expect(await promptctl('sync')).toMatchObject({ code: 0, out: expect.stringContaining('1 healed') })
    expect([await get(), await get('t', 'dev')]).toEqual(['two\n', 'two\n'])
    const { events } = (await promptctl('events t -o json')).json<{ events: EventDocument[] }>()
    expect(events.slice(0, 2)).toMatchObject([
      { type: 'healed', details: { what: 'latest' } },
      { type: 'healed', details: { what: 'stable' } },
    ])
    expect(await promptctl('sync --full')).toMatchObject({
      out: expect.stringMatching(/^s: synced at \w+\n$/),
    })
  })

  it.each([
    ['was rolled back', ['rollback t --reason bad']],
    ['was rolled back without a hold', ['rollback t --reason bad --hold none']],
    ['was rolled back, and the hold is lifted', ['rollback t --reason bad', 'unhold t']],
    ['was revoked', ['revoke t 1.1.0 --reason bad']],
    ['was revoked alone', ['revoke t 1.1.0 --reason bad --scope version']],
  ])('never brings a version back that %s', async (_what, lines) => {
    const { runs, get, promptctl } = await start(', drift: heal')
    await runs(...lines, 'sync', 'sync --full', 'sync --full')
    expect([await get(), await get('t', 'staging')]).toEqual(['one\n', 'one\n'])
    expect((await promptctl('sources s')).out).toMatch(/Drifted False/)
    expect((await promptctl('events t')).out).not.toContain('healed')
  })

  it.each([
    ['rolled back', ['rollback t --reason bad']],
    ['revoked', ['revoke t 1.1.0 --reason bad --scope version']],
  ])(
    'never brings a version back that was %s before somebody promoted another one by hand',
    async (_what, lines) => {
      const { runs, get, promoteByHand, promptctl } = await start(', drift: heal')
      await runs(...lines)
      await promoteByHand()
      const passes = await runs('sync', 'sync --full')
      expect(passes.map(({ code }) => code)).toEqual([1, 1])
      expect(await get()).toBe('by hand\n')
      expect((await promptctl('sources s')).out).toMatch(/Drifted True/)
      expect(passes[0]?.out).toMatch(
        /\(release 1\.1\.0\), which was rolled back or revoked\. Release a higher version\./,
      )
    },
  )

  it('leaves a held prompt as it is, and says what holds it', async () => {
    const { promoteByHand, promptctl, runs, get } = await start(', drift: heal')
    await promoteByHand()
    await promptctl('hold t --reason incident')
    await runs('sync --full')
    expect(await get()).toBe('by hand\n')
    await promptctl('unhold t')
    await runs('sync')
    expect(await get()).toBe('two\n')
  })
})

describe('the feed of events', () => {
  it('goes on from its cursor with later events of all prompts, those of each in order', async () => {
    const { promptctl, repository, runs } = await start()
    await repository.commit({ 'prompts/u.md': 'u\n' })
    await repository.tag('v1.2.0')
    await runs('sync', 'hold t --reason audit', 'hold u')
    const pages: FeedAnswer[] = []
    for (let cursor = ''; ; cursor = ` --cursor ${pages.at(-1)?.next_cursor}`) {
      const page = (await promptctl(`events -o json --limit 3${cursor}`)).json<FeedAnswer>()
      pages.push(page)
      if (!page.more) break
    }
    const events = pages.flatMap((page) => page.events)
    expect(pages.length).toBeGreaterThan(3)
    expect(pages.every((page) => page.events.length <= 3)).toBe(true)
    for (const id of ['t', 'u']) {
      const { events: own } = (await promptctl(`events ${id} -o json`)).json<{ events: EventDocument[] }>()
      expect(events.filter(({ prompt_id }) => prompt_id === id)).toEqual(own.reverse())
    }
    const end = pages.at(-1)?.next_cursor
    const after = (await promptctl(`events -o json --cursor ${end}`)).json<FeedAnswer>()
    expect(after).toEqual({ events: [], next_cursor: end, more: false })
    await promptctl('unhold u')
    const later = (await promptctl(`events -o json --cursor ${end}`)).json<FeedAnswer>()
    expect(later.events).toMatchObject([{ prompt_id: 'u', type: 'hold_lifted' }])
    expect((await promptctl(`events --cursor ${end}`)).out).toMatch(/^PROMPT .*\nu +\d+ .*hold lifted/)
  })

  it('says of a release which tag it was, and who made it', async () => {
    const { promptctl, repository } = await start()
    await repository.commit({ [T]: 'three\n' })
    await repository.tag('v1.2.0', { annotated: true })
    await promptctl('sync')
    const commit = await repository.git('rev-parse', 'HEAD')
    const { events } = (await promptctl('events -o json')).json<FeedAnswer>()
    expect(events.at(-1)).toMatchObject({
      type: 'promoted',
      details: {
        release: '1.2.0',
        tag: 'v1.2.0',
        tag_object: await repository.git('rev-parse', 'v1.2.0'),
        commit,
        tagger: expect.stringContaining('cleo@example.com'),
        tagged_at: expect.stringMatching(/^2026-01-01T/),
      },
    })
  })
})

describe('promptctl sources forget', () => {
  it('archives the prompts of a source, and shows who forgot it and why', async () => {
    const { folder, run, promptctl, get } = await start()
    await configure(folder, [])
    const forgot = await run(['sources', 'forget', 's', '--reason', 'moved to billing'])
    expect(forgot).toMatchObject({ code: 0, out: 's: 1 prompt archived.\n' })
    expect(await get()).toBe('two\n')
    expect((await promptctl('sources')).out).toMatch(/^s \(forgotten\) /m)
    expect((await promptctl('sources s')).out).toMatch(
      /^s\n {2}forgotten {2}.* UTC by promptctl.* \(moved to billing\); its prompts were archived\n/,
    )
    expect(await promptctl('sources forget s')).toMatchObject({ code: 0, out: 's: 0 prompts archived.\n' })
  })

  it('with --delete asks first, and keeps what was revoked if the source comes back', async () => {
    const { run, source, promptctl, get, runs } = await start()
    await promptctl('revoke t 1.1.0 --reason leak')
    for (const stdin of ['no\n', '']) {
      const asked = await run(words('sources forget s --delete'), { stdin, typed: true })
      expect(asked.err).toContain('This deletes every prompt of the source "s".')
      expect(asked).toMatchObject({
        code: 1,
        err: expect.stringContaining('Nothing was changed. [not_confirmed]'),
      })
    }
    expect(await get()).toBe('one\n')
    expect(await promptctl('sources forget s --delete --yes')).toMatchObject({
      out: 's: 1 prompt deleted.\n',
    })
    expect((await promptctl('get t')).err).toContain('[gone]')
    await source('')
    for (const { code } of await runs('sync', 'sync --full')) expect(code).toBe(1)
    expect(await get()).toBe('one\n')
    expect((await promptctl('get t@1.1.0')).err).not.toContain('two')
    expect((await promptctl('sources s')).out).toContain('was revoked for "t"')
  })

  it.each([
    ['sources forget nosuch', 1],
    ['sources forget', 2],
    ['sources forget -bad', 2],
  ])('"promptctl %s" ends with %i', async (line, code) => {
    const { promptctl } = await start()
    expect((await promptctl(line)).code).toBe(code)
  })
})
