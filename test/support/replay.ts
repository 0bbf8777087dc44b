import { join } from 'node:path'
import { expect } from 'vitest'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { makeController, type TestController } from './controller.ts'
import { type History, type HistoryTag, openHistory } from './fabric.ts'

/** Invariants of a registry that follows the history of real prompts. */

export const REPLAYED = {
  branch: 'main',
  directories: ['patterns'],
  releases: ['v{version}', '{version}'],
  // Zero-width spaces at the start of lines, pasted from a web page.
  allowUnsafeText: ['patterns/write_nuclei_template_rule/**'],
}

/**
 * Moves the branch along the history, `stride` tags per step, and syncs after each step. The registry must then
 * match git.
 */
export async function expectReplay(folder: string, stride: number): Promise<void> {
  const history = await openHistory(join(folder, 'upstream.git'))
  const controller = makeController({ folder, repository: history.path, source: REPLAYED })
  const released: HistoryTag[] = []
  const sample = () => released.filter((_, index) => index % stride === 0)
  for (let from = 0; from < history.tags.length; from += stride) {
    const tags = history.tags.slice(from, from + stride)
    const at = tags.at(-1) as HistoryTag
    await history.moveBranch(at.commit)
    for (const tag of tags) await history.addTag(tag)
    const report = await controller.sync()
    expect.soft(report.result, at.name).toBe('synced')
    const told = report.findings.map(({ subject }) => subject.name)
    for (const tag of tags) {
      if (tag.release === null) expect(told).toContain(tag.name)
      else released.push(tag)
    }
    const last = released.at(-1)
    await expectServed(controller.api, 'dev', await history.promptsAt(at.commit), at.name)
    if (last !== undefined)
      await expectServed(controller.api, 'production', await history.promptsAt(last.commit), at.name)
    await expectPinned(controller.api, history, from % 20 === 0 ? sample() : released.slice(-2))
    await expectNothingLeftToDo(controller)
  }
  await history.moveBranch(history.tip)
  await controller.sync()
  await expectServed(controller.api, 'dev', await history.promptsAt(history.tip), 'the tip')
  await expectPinned(controller.api, history, sample())
  await expectNothingLeftToDo(controller, { force: true })
}

/** Each text byte for byte as git has it. */
export async function expectServed(
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

export async function expectPinned(
  api: RegistryApi,
  history: History,
  tags: readonly HistoryTag[],
): Promise<void> {
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
export async function expectNothingLeftToDo(
  controller: TestController,
  options: { force?: boolean } = {},
): Promise<void> {
  const before = await controller.rows()
  const report = await controller.sync(options)
  expect(report.result).toBe(options.force === true ? 'synced' : 'unchanged')
  expect(report.counts.failed ?? 0).toBe(0)
  expect(await controller.rows()).toEqual(before)
}
