import type { PullRequestPlan } from './pull-request-plan.ts'

const CHANGES = ['new', 'changed', 'removed'] as const

/** For example "support: 2 prompts new, 1 removed". */
export function headlineOf({ differences }: PullRequestPlan, source: string): string {
  const counts = CHANGES.flatMap((change) => {
    const { length } = differences.filter((one) => one.change === change)
    return length === 0 ? [] : [`${length} ${change}`]
  })
  const [first, ...others] = counts
  if (first === undefined) return `${source}: no prompts changed`
  const [count, ...word] = first.split(' ')
  return [`${source}: ${counted(Number(count), 'prompt', 'prompts')} ${word.join(' ')}`, ...others].join(', ')
}

export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
