import type { ChangeDiffs } from '../pass/change-diffs.ts'
import type { Preview } from '../pass/preview.ts'
import { changeKey, type PlannedChange } from '../plan/changes.ts'
import { changesOf } from '../plan/plan.ts'

/** A plan as `promptctl plan -o json` prints it. */
export function planDocument({ plan, diffs, notes, use, findings }: Preview) {
  const { source, branch, commit, kind, massChange, refused, ignored, set } = plan
  return {
    ...{ source, branch, commit, kind },
    mass_change: massChange,
    changes: changesOf(plan).map((change) => ({
      ...changeDocument(change, diffs),
      ...(notes.has(changeKey(change)) && { note: notes.get(changeKey(change)) }),
      ...(use.has(change.id) && { use: use.get(change.id) }),
    })),
    set: set && { ...set, release: set.release?.tag ?? null },
    refused: refused.map(({ change, code, message }) => ({
      do: change.do,
      prompt_id: change.id,
      code,
      message,
    })),
    findings,
    ignored: ignored.map(({ path, reason }) => ({ path, reason })),
  }
}

function changeDocument(change: PlannedChange, diffs: ChangeDiffs): object {
  const { id: prompt_id } = change
  const diff = diffs.get(changeKey(change))
  switch (change.do) {
    case 'push': {
      const { version, identity, path, commit, latest, from } = change
      return { do: change.do, prompt_id, version, identity, path, commit, latest, from, diff }
    }
    case 'promote': {
      const { version, identity, release, tag, commit, from, swaps } = change
      return { do: change.do, prompt_id, version, identity, release, tag, commit, from, swaps, diff }
    }
    case 'name': {
      const { version, identity, release, tag, commit, standing } = change
      return { do: change.do, prompt_id, version, identity, release, tag, commit, standing }
    }
    case 'archive':
      return { do: change.do, prompt_id, commit: change.commit, moved_to: change.movedTo }
    case 'retire': {
      const { release, tag, commit, from } = change
      return { do: change.do, prompt_id, release, tag, commit, from }
    }
    case 'heal':
      return { do: change.do, prompt_id, stable: change.stable, latest: change.latest }
    default:
      return change satisfies never
  }
}
