import { expect } from 'vitest'
import type { PromptRow, RegistryApi } from '../../../api/contract/registry-api.ts'
import { compareReleases } from '../../../api/contract/release.ts'
import type { History } from './history.ts'
import { ledgerOf, rowsOf } from './reading.ts'
import { releasesOf } from './releases.ts'

/** Watches where every prompt stands on its release line. */
export interface Line {
  /** Everything since the last look was done by passes. */
  afterPasses(): Promise<void>
  /** A person acted, who may go anywhere. */
  afterPerson(): Promise<void>
}

export function watchLine(api: RegistryApi, history: History, prune: boolean): Line {
  let known: ReadonlyMap<string, PromptRow> = new Map()
  return {
    async afterPerson() {
      known = await rowsOf(api)
    },
    async afterPasses() {
      const rows = await rowsOf(api)
      const moved = [...rows].filter(([id, row]) => row.stable !== (known.get(id)?.stable ?? null))
      const counted = moved.length === 0 ? [] : releasesOf(await ledgerOf(api), history)
      for (const [id, row] of rows) checkHighest(known.get(id), row)
      for (const [id, row] of moved) {
        const before = known.get(id)
        const held = before?.hold ?? null
        expect(held?.kind, `no pass moves ${id}, which is frozen`).not.toBe('until_lifted')
        if (row.stable === null) {
          expect(
            prune && row.retired !== null,
            `${id} only goes out of service where that is asked for`,
          ).toBe(true)
          continue
        }
        expect(held?.rolled_back_from ?? null, `no pass undoes the rollback of ${id}`).not.toBe(row.stable)
        const above = counted.filter(
          (one) => one.id === id && one.label === row.stable && isAbove(one.release, before?.highest_release),
        )
        expect(above, `${id} moves to ${row.stable} by a release that is above the highest`).not.toEqual([])
      }
      known = rows
    },
  }
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
