import { expect } from 'vitest'
import type { PromptRow, RegistryApi } from '../../../api/contract/registry-api.ts'
import { compareReleases, isPrerelease } from '../../../api/contract/release.ts'
import type { History } from './history.ts'
import { ledgerOf, rowsOf } from './reading.ts'
import { type ReleasedPrompt, releasesOf } from './releases.ts'
import type { Setting } from './steps.ts'
import { TEXTS } from './texts.ts'

/** Tracks the position of every prompt on its release line. */
export interface Line {
  /** Everything since the last check was done by passes, perhaps in a freeze of the source. */
  afterPasses(time: { readonly frozen: boolean }): Promise<void>
  /** A person acted, and may select any version. */
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
  expect(prune && retired !== null, `${id} is retired only if the source asks for it`).toBe(true)
}

/**
 * A pass promotes only to the content of a tag at its first commit, upward along the releases, and never past a
 * hold.
 */
function checkMove(
  before: PromptRow | undefined,
  row: PromptRow,
  promotable: readonly ReleasedPrompt[],
): void {
  const { prompt_id: id, stable } = row
  const hold = before?.hold ?? null
  expect(hold?.kind, `no pass moves ${id}, which is frozen`).not.toBe('until_lifted')
  const above = promotable.filter(
    (one) => one.id === id && one.label === stable && isAbove(one.release, before?.highest_release),
  )
  if (hold !== null) checkRollback(id, before, above)
  expect(above, `${id} moves to ${stable} by a release that is above the highest`).not.toEqual([])
}

/** A release with the same payload, in whatever file, does not undo a rollback. */
function checkRollback(id: string, before: PromptRow | undefined, above: readonly ReleasedPrompt[]): void {
  const rolledBack = before?.rolled_back.map(({ version }) => version) ?? []
  const texts = Object.values(TEXTS).flatMap(({ version }) => version ?? [])
  const payloads = texts.filter(({ label }) => rolledBack.includes(label)).map(({ payload }) => payload)
  const undone = above.filter(({ version }) => version !== null && payloads.includes(version.payload))
  expect(undone, `no pass undoes the rollback of ${id}`).toEqual([])
}

function checkHighest(
  before: PromptRow | undefined,
  { prompt_id: id, highest_release: after }: PromptRow,
): void {
  const highest = before?.highest_release ?? null
  if (highest === null) return
  expect(
    after !== null && compareReleases(after, highest) >= 0,
    `the release line of ${id} never goes down`,
  ).toBe(true)
}

function isAbove(release: string, highest: string | null | undefined): boolean {
  return highest == null || compareReleases(release, highest) > 0
}
