import type { List } from '../values/packed-list.ts'
import { type ChangeSummary, eachChange } from './changes.ts'
import type { ChangeOutcome, OutcomeKind } from './outcomes.ts'
import type { Plan } from './plan.ts'

const KINDS: readonly OutcomeKind[] = ['done', 'unchanged', 'held', 'lower', 'refused', 'failed']
const OPEN = 255

/** The outcomes of a plan's changes. Each takes a byte beside its change, and a message if it has one. */
export class Outcomes implements List<ChangeOutcome> {
  readonly #plan: Pick<Plan, 'current' | 'backfill'>
  /** How many changes belong to the first stage of the plan. */
  readonly current: number
  readonly total: number
  readonly #kinds: Uint8Array
  readonly #reasons = new Map<number, Pick<ChangeOutcome, 'code' | 'message'>>()
  readonly #more: ChangeOutcome[] = []
  #done = 0

  constructor(
    plan: Pick<Plan, 'current' | 'backfill'>,
    { current, total }: Pick<ChangeSummary, 'current' | 'total'>,
  ) {
    this.#plan = plan
    this.current = current
    this.total = total
    this.#kinds = new Uint8Array(this.total).fill(OPEN)
  }

  /** How many changes of the plan have an outcome. */
  get done(): number {
    return this.#done
  }

  get length(): number {
    return this.#done + this.#more.length
  }

  /** Sets the outcomes of changes of the plan that follow each other. `place`: of the first one. */
  set(place: number, outcomes: readonly ChangeOutcome[]): void {
    for (const [index, { kind, code, message }] of outcomes.entries()) {
      this.#kinds[place + index] = KINDS.indexOf(kind)
      if (code !== null || message !== null) this.#reasons.set(place + index, { code, message })
    }
    this.#done += outcomes.length
  }

  /** Adds outcomes of changes that the plan does not have. */
  add(outcomes: readonly ChangeOutcome[]): void {
    this.#more.push(...outcomes)
  }

  *[Symbol.iterator](): Generator<ChangeOutcome, void, undefined> {
    let place = 0
    for (const change of eachChange(this.#plan)) {
      const kind = KINDS[this.#kinds[place] ?? OPEN]
      const { code, message } = this.#reasons.get(place) ?? NO_REASON
      if (kind !== undefined) yield { change, kind, code, message }
      place++
    }
    yield* this.#more
  }
}

const NO_REASON = { code: null, message: null }
