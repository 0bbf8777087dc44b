import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { makeController, type TestController } from '../support/controller.ts'
import { fabricMissing, type History, type HistoryTag, openHistory } from '../support/fabric.ts'
import { scratchFolder } from '../support/scratch.ts'

const SOURCE = { branch: 'main', directories: ['patterns'], releases: ['v{version}', '{version}'] }
const missing = fabricMissing()

describe('a real history of prompts', () => {
  it('is in the registry as it is in git after every step of a replay, tag by tag', async (context) => {
    if (missing !== undefined) context.skip(missing)
    const folder = await scratchFolder()
    const history = await openHistory(join(folder, 'upstream.git'))
    const controller = makeController({ folder, repository: history.path, source: SOURCE })
    const released: HistoryTag[] = []
    for (const [step, tag] of history.tags.entries()) {
      await history.moveBranch(tag.commit)
      await history.addTag(tag)
      const report = await controller.sync()
      expect.soft(report.result, tag.name).toBe('synced')
      if (tag.release === null) expect(report.findings.map(({ subject }) => subject)).toContain(tag.name)
      else released.push(tag)
      const last = released.at(-1)
      await expectServed(controller.api, 'dev', await history.promptsAt(tag.commit), tag.name)
      if (last !== undefined)
        await expectServed(controller.api, 'production', await history.promptsAt(last.commit), tag.name)
      await expectPinned(controller.api, history, step % 20 === 0 ? released : released.slice(-2))
      await expectNothingLeftToDo(controller)
    }
    await history.moveBranch(history.tip)
    await controller.sync()
    await expectServed(controller.api, 'dev', await history.promptsAt(history.tip), 'the tip')
    await expectPinned(controller.api, history, released)
    await expectNothingLeftToDo(controller, { force: true })
  }, 240_000)

  it('is there after one sync of its end: the newest release stable, and those within the backfill pinned', async (context) => {
    if (missing !== undefined) context.skip(missing)
    const folder = await scratchFolder()
    const history = await openHistory(join(folder, 'upstream.git'))
    await history.moveBranch(history.tip)
    for (const tag of history.tags) await history.addTag(tag)
    const controller = makeController({ folder, repository: history.path, source: SOURCE })
    const report = await controller.sync()
    expect(report.result).toBe('synced')
    expect(report.quarantined.length).toBeGreaterThan(30)
    expect(report.quarantined.every(({ reason }) => reason.includes('empty'))).toBe(true)

    const releases = history.tags.filter((tag) => tag.release !== null)
    const newest = releases.at(-1)
    if (newest === undefined) throw new Error('the history has no releases')
    await expectServed(controller.api, 'dev', await history.promptsAt(history.tip), 'the tip')
    await expectServed(controller.api, 'production', await history.promptsAt(newest.commit), newest.name)
    await expectPinned(controller.api, history, releases.slice(-controller.source.backfill))
    await expectNothingLeftToDo(controller)
    await expectNothingLeftToDo(controller, { force: true })
  })
})

/** Each text byte for byte as git has it. */
async function expectServed(
  api: RegistryApi,
  mode: string,
  texts: ReadonlyMap<string, Buffer>,
  at: string,
): Promise<void> {
  expect(texts.size).toBeGreaterThan(0)
  await expectTexts(
    api,
    mode,
    [...texts].map(([id, bytes]) => [id, bytes]),
    at,
  )
}

async function expectPinned(api: RegistryApi, history: History, tags: readonly HistoryTag[]): Promise<void> {
  for (const tag of tags) {
    const texts = await history.promptsAt(tag.commit)
    await expectTexts(
      api,
      'production',
      [...texts].map(([id, bytes]) => [`${id}@${tag.release}`, bytes]),
      tag.name,
    )
  }
}

async function expectTexts(
  api: RegistryApi,
  mode: string,
  wanted: readonly (readonly [string, Buffer])[],
  at: string,
): Promise<void> {
  for (let from = 0; from < wanted.length; from += 100) {
    const part = wanted.slice(from, from + 100)
    const { results } = await api.resolveMany({ references: part.map(([reference]) => reference), mode })
    const wrong = results.flatMap((result, index) => {
      const bytes = part[index]?.[1]
      const same = 'prompt' in result && bytes?.equals(Buffer.from(result.prompt.content, 'utf8'))
      return same ? [] : [`${result.reference}: ${'error' in result ? result.error : 'other text'}`]
    })
    expect(wrong, `${mode} at ${at}`).toEqual([])
  }
}

/** Another pass changes nothing: no prompt has a new event. */
async function expectNothingLeftToDo(
  controller: TestController,
  options: { force?: boolean } = {},
): Promise<void> {
  const before = await controller.rows()
  const report = await controller.sync(options)
  expect(report.result).toBe(options.force === true ? 'synced' : 'unchanged')
  expect(report.counts.failed ?? 0).toBe(0)
  expect(await controller.rows()).toEqual(before)
}
