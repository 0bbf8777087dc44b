import { expect } from 'vitest'
import type { Commit } from './history.ts'
import { filesOf } from './meaning.ts'
import { rowsOf } from './reading.ts'
import type { World } from './world.ts'

/** An archived prompt moved only if some two tips of the branch, the older first, show that its text moved. */
export async function expectMovedRightly({ api, history }: World): Promise<void> {
  const { positions } = history
  for (const [id, { archived, moved_to: to }] of await rowsOf(api)) {
    if (to === null) continue
    expect(archived, `${id} moved, so it is archived`).toBe(true)
    const isShown = positions.some((before, index) =>
      positions.slice(index + 1).some((after) => isMove(before, after, id, to)),
    )
    expect(isShown, `${id} moved to ${to}`).toBe(true)
  }
}

function isMove(before: Commit, after: Commit, from: string, to: string): boolean {
  const [old, now] = [filesOf(before), filesOf(after)]
  const text = old.get(from)?.[0]?.text
  return !old.has(to) && !now.has(from) && text !== undefined && now.get(to)?.[0]?.text === text
}
