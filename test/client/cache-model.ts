import type { Fault } from './fake-registry.ts'

/** What the registry has: a text, or a code such as `revoked`. */
export type Held = { readonly text: string; readonly immutable: boolean } | { readonly code: string }

/** What a call ends with: a text, or `!` and the code of its error. */
export type Result = string

interface Known {
  held: Held
  at: number
  retryAt: number
  restored: boolean
  usedSince: boolean
}

interface Hanging {
  readonly refs: readonly string[]
  readonly start: number
  readonly probe: boolean
}

export const TTL = 60_000
const TIMEOUT = 10_000

/**
 * The promises of the cache in the plainest words that run: one client, one tier, one mode, calls one after the other.
 * It knows nothing of promises, timers or entity tags.
 */
export class CacheModel {
  now = 0
  fault: Fault = 'none'
  /** Sorted references of each request. */
  readonly requests: string[] = []
  readonly registry = new Map<string, Held>()
  readonly #known = new Map<string, Known>()
  #hanging: Hanging[] = []
  #openUntil: number | undefined
  #tokens = 10

  isIdle(): boolean {
    return this.#hanging.length === 0
  }

  /** Lets time pass; what hangs times out. */
  pass(ms: number): void {
    const end = this.now + ms
    for (;;) {
      const [next] = this.#hanging.filter(({ start }) => start + TIMEOUT <= end)
      if (next === undefined) break
      this.now = next.start + TIMEOUT
      this.#hanging = this.#hanging.filter((one) => one !== next)
      this.#fail(next.refs, 'timeout')
    }
    this.now = end
  }

  jump(ms: number): void {
    this.now += ms
  }

  /** What the call gives, after letting as much time pass as it takes. */
  call(ref: string, ttl = TTL): Result {
    const known = this.#known.get(ref)
    if (known !== undefined) known.usedSince = true
    const hanging = () => this.#hanging.find(({ refs }) => refs.includes(ref))
    if (known === undefined) return this.#wait(ref, hanging, TIMEOUT)
    const age = this.now - known.at
    if ('code' in known.held) {
      if (age < Math.min(ttl, 5000) || this.now < known.retryAt) return `!${known.held.code}`
      return this.#wait(ref, hanging, TIMEOUT)
    }
    if (age < ttl) return known.held.text
    if (ttl === 0) return this.#wait(ref, hanging, TIMEOUT)
    if (age >= 10 * TTL && !known.held.immutable && this.now >= known.retryAt)
      return this.#wait(ref, hanging, 1000)
    this.#refresh(ref)
    return known.held.text
  }

  #wait(ref: string, hanging: () => Hanging | undefined, patience: number): Result {
    const code = hanging() === undefined ? this.#search([ref], this.#known.has(ref) ? 0 : 2) : undefined
    const flight = hanging()
    if (flight !== undefined) this.pass(Math.max(0, flight.start + patience - this.now))
    const known = this.#known.get(ref)
    if (known === undefined) return `!${flight === undefined ? code : 'timeout'}`
    return 'code' in known.held ? `!${known.held.code}` : known.held.text
  }

  #refresh(ref: string): void {
    const may = (one: string) =>
      (this.#known.get(one)?.retryAt ?? 0) <= this.now &&
      !this.#hanging.some(({ refs }) => refs.includes(one))
    if (!may(ref)) return
    const others = [...this.#known].filter(
      ([one, { at, usedSince, held }]) =>
        one !== ref && 'text' in held && usedSince && this.now - at >= TTL / 2 && may(one),
    )
    this.#search([ref, ...others.map(([one]) => one)], 0)
  }

  /** The code of the failure, if it fails at once. */
  #search(refs: readonly string[], retries: number): string | undefined {
    this.#tokens = Math.min(10, this.#tokens + 0.1)
    const probe = this.#openUntil !== undefined
    const probing = this.#hanging.some((one) => one.probe)
    if (probe && (probing || this.now < (this.#openUntil ?? 0))) return this.#fail(refs, 'unavailable', false)
    for (let retry = 0; ; retry++) {
      this.requests.push([...refs].sort().join(' '))
      if (this.fault === 'hangs') {
        this.#hanging.push({ refs, start: this.now, probe })
        return undefined
      }
      const isDown = this.fault === 'refused' || this.fault === 503
      if (!isDown) break
      if (retry >= retries || this.#tokens < 1) return this.#fail(refs, 'unavailable')
      this.#tokens -= 1
      this.pass(50 * 2 ** retry)
    }
    this.#openUntil = undefined
    if (this.fault === 500) return this.#fail(refs, 'unavailable', false)
    if (this.fault === 'html') return this.#fail(refs, 'bad_answer', false)
    const wrong = refs.filter((ref) => this.fault === 'wrong_hash' && 'text' in this.#answer(ref))
    for (const ref of refs) if (!wrong.includes(ref)) this.#learn(ref, this.#answer(ref))
    return wrong.length > 0 ? this.#fail(wrong, 'bad_answer', false) : undefined
  }

  #answer(ref: string): Held {
    return this.registry.get(ref) ?? { code: 'not_found' }
  }

  #learn(ref: string, held: Held): void {
    this.#known.delete(ref)
    this.#known.set(ref, { held, at: this.now, retryAt: 0, restored: false, usedSince: false })
  }

  #fail(refs: readonly string[], code: string, isDown = true): string {
    if (isDown) this.#openUntil = this.now + 1000
    for (const ref of refs) {
      const known = this.#known.get(ref)
      if (known !== undefined) known.retryAt = this.now + 1000
    }
    return code
  }
}
