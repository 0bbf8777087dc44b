import type { History } from './history.ts'
import { directoryOf } from './meaning.ts'
import type { RepositoryStep } from './steps.ts'

/** Actions of teams on their repository. An action without a target does nothing. */
export async function takeRepositoryStep(history: History, step: RepositoryStep): Promise<void> {
  switch (step.do) {
    case 'commit':
      return await history.commit(step.changes, step.aside)
    case 'ship':
      return await ship(history, step)
    case 'rename':
      return await rename(history, step.from, step.to)
    case 'moveLayout':
      return await history.moveLayout()
    case 'moveBranch':
      return await history.moveBranch(step.to)
    case 'tag': {
      const meaning = history.meaningOf(step.of, step.release, step.slash)
      if (!history.tags.has(meaning.name)) await history.setTag(meaning, step.at, step.annotated)
      return
    }
    case 'moveTag': {
      const tag = [...history.tags.values()].at(-1 - step.which)
      return tag && (await history.setTag(tag, step.at, false))
    }
    case 'deleteTag': {
      const name = [...history.tags.keys()].at(-1 - step.which)
      return name === undefined ? undefined : await history.deleteTag(name)
    }
    default:
      step satisfies never
  }
}

type Ship = Extract<RepositoryStep, { do: 'ship' }>

async function ship(history: History, { id, text, of }: Ship): Promise<void> {
  await history.commit({ [`prompts/${id}.txt`]: text }, null)
  const meaning = history.meaningOf(of === null ? null : id, 'next', false)
  await history.setTag(meaning, { of: 'branch', back: 0 }, false)
}

async function rename(history: History, from: string, to: string): Promise<void> {
  const text = history.branch.files.get(from.replace(/^prompts/, directoryOf(history.branch)))
  if (text !== undefined && from !== to) await history.commit({ [from]: null, [to]: text }, null)
}
