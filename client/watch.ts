import { RegistryError } from '../api/contract/errors.ts'
import type { Entry } from './cache.ts'
import type { PromptResolutionError } from './errors.ts'
import { attemptOf, failureOf } from './failure.ts'
import { answered, type Resolution } from './resolution.ts'
import type { Question } from './tier.ts'
import type { SetTimer } from './transport/timer.ts'

/**
 * A prompt that is watched has another text or version now, or is refused.
 *
 * @example
 * ```ts
 * const onChange = (change: PromptChange) =>
 *   'error' in change ? console.warn(change.error.code) : console.log(change.resolution.release)
 * ```
 */
export type PromptChange =
  | { readonly reference: string; readonly resolution: Resolution }
  | { readonly reference: string; readonly error: PromptResolutionError }
/**
 * Called with each change of a watched prompt. Errors that it throws are ignored.
 *
 * @example
 * ```ts
 * const onChange: OnChange = ({ reference }) => console.log(`${reference} changed`)
 * ```
 */
export type OnChange = (change: PromptChange) => void

export interface Watches {
  add(questions: readonly Question[], onChange: OnChange): () => void
  changed(entry: Entry): void
  stop(): void
}

export interface WatchesOptions {
  readonly intervalMs: number
  readonly setTimer: SetTimer
  /** Starts one request for all of them. */
  readonly poll: (questions: readonly Question[]) => void
}

interface Watch {
  readonly questions: readonly Question[]
  readonly onChange: OnChange
}

const SHORTEST_MS = 1000

export function createWatches({ intervalMs, setTimer, poll }: WatchesOptions): Watches {
  const watches = new Set<Watch>()
  let stopTimer: (() => void) | undefined

  const pollAll = () => {
    stopTimer =
      watches.size === 0
        ? undefined
        : setTimer(pollAll, Math.max(SHORTEST_MS, intervalMs), { background: true })
    if (watches.size > 0) poll([...watches].flatMap(({ questions }) => questions))
  }
  const remove = (watch: Watch) => {
    watches.delete(watch)
    if (watches.size > 0) return
    stopTimer?.()
    stopTimer = undefined
  }

  return {
    add(questions, onChange) {
      const watch = { questions, onChange }
      watches.add(watch)
      if (stopTimer === undefined) pollAll()
      else poll(questions)
      return () => remove(watch)
    },
    changed(entry) {
      const change = changeOf(entry)
      for (const { questions, onChange } of watches)
        if (questions.some(({ key }) => key === entry.question.key)) tell(onChange, change)
    },
    stop() {
      for (const watch of watches) remove(watch)
    },
  }
}

/** The error belongs to the callback, and nobody could handle it here. */
function tell(onChange: OnChange, change: PromptChange): void {
  try {
    onChange(change)
  } catch {}
}

function changeOf({ question, answer, tier }: Entry): PromptChange {
  const { reference } = question
  if (!(answer instanceof RegistryError))
    return { reference, resolution: answered(question, answer, tier, []) }
  return { reference, error: failureOf(reference, [attemptOf(tier, answer)], [answer]) }
}
