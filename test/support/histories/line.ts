import { expect } from 'vitest'
import type { PromptRow, RegistryApi } from '../../../api/contract/registry-api.ts'
import { compareReleases, isPrerelease } from '../../../api/contract/release.ts'
import type { History } from './history.ts'
import { ledgerOf, rowsOf } from './reading.ts'
import { type ReleasedPrompt, releasesOf } from './releases.ts'
import type { Setting } from './steps.ts'

/** Watches where every prompt stands on its release line. */
export interface Line {
  /** Everything since the last look was done by passes, perhaps in a freeze of the source. */
  afterPasses(time: { readonly frozen: boolean }): Promise<void>
  /** A person acted, who may go anywhere. */
  afterPerson(): Promise<void>
}

export function watchLine(api: RegistryApi, history: History, setting: Setting): Line {
  let known: ReadonlyMap<string, PromptRow> = new Map()
  return {
    async afterPerson() {
      known = await rowsOf(api)
    },
    async afterPasses({ frozen }) {
      const rows = await rowsOf(api)
      const moved = [...rows.values()].filter(
        (row) => row.stable !== (known.get(row.prompt_id)?.stable ?? null),
      )
      const counted = moved.length === 0 ? [] : releasesOf(await ledgerOf(api), history)
      const promotable = counted.filter(({ release }) => setting.prereleases || !isPrerelease(release))
      if (frozen) expect(moved, 'what is stable in a freeze').toEqual([])
      for (const [id, row] of rows) checkHighest(known.get(id), row)
      for (const row of moved) {
        const before = known.get(row.prompt_id)
        if (row.stable === null) checkRetired(row, setting)
        else checkMove(before, row, promotable)
      }
      known = rows
    },
  }
}

function checkRetired({ prompt_id: id, retired }: PromptRow, { prune }: Pick<Setting, 'prune'>): void {
  expect(prune && retired !== null, `${id} only goes out of service where that is asked for`).toBe(true)
}

/** To the text of a tag where it first counted, along the releases, and past no hold. */
function checkMove(
  before: PromptRow | undefined,
  row: PromptRow,
  promotable: readonly ReleasedPrompt[],
): void {
  const { prompt_id: id, stable } = row
  const hold = before?.hold ?? null
  expect(hold?.kind, `no pass moves ${id}, which is frozen`).not.toBe('until_lifted')
  expect(hold?.rolled_back_from ?? null, `no pass undoes the rollback of ${id}`).not.toBe(stable)
  const above = promotable.filter(
    (one) => one.id === id && one.label === stable && isAbove(one.release, before?.highest_release),
  )
  expect(above, `${id} moves to ${stable} by a release that is above the highest`).not.toEqual([])
}

function checkHighest(
  before: PromptRow | undefined,
  { prompt_id: id, highest_release: after }: PromptRow,
): void {
  const highest = before?.highest_release ?? null
  if (highest === null) return
  expect(
    after !== null && compareReleases(after, highest) >= 0,
    `the release line of ${id} never falls`,
  ).toBe(true)
}

function isAbove(release: string, highest: string | null | undefined): boolean {
  return highest == null || compareReleases(release, highest) > 0
}
