import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeController } from '../support/controller.ts'
import { fabricMissing, openHistory } from '../support/fabric.ts'
import { quarantined } from '../support/planned-journey.ts'
import {
  expectNothingLeftToDo,
  expectPinned,
  expectReplay,
  expectServed,
  REPLAYED,
} from '../support/replay.ts'
import { scratchFolder } from '../support/scratch.ts'

const missing = fabricMissing()

describe('a real history of prompts', () => {
  // test/long goes tag by tag. A step has at most the tags of the backfill.
  it('is in the registry as it is in git after every step of a replay', async (context) => {
    if (missing !== undefined) context.skip(missing)
    await expectReplay(await scratchFolder(), 20)
  }, 240_000)

  it('is there after one sync of its end: the newest release stable, and those within the backfill pinned', async (context) => {
    if (missing !== undefined) context.skip(missing)
    const folder = await scratchFolder()
    const history = await openHistory(join(folder, 'upstream.git'))
    await history.moveBranch(history.tip)
    for (const tag of history.tags) await history.addTag(tag)
    const controller = makeController({ folder, repository: history.path, source: REPLAYED })
    const report = await controller.sync()
    expect(report.result).toBe('synced')
    const reasons = Object.values(quarantined(report))
    expect(reasons.length).toBeGreaterThan(30)
    expect(new Set(reasons)).toEqual(new Set([expect.stringContaining('no content')]))

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
