import { createHmac, timingSafeEqual } from 'node:crypto'

/** A visit from one browser. */
export interface Session {
  readonly id: string
  /** The token of the person who signed in; `null` before. */
  readonly token: string | null
}

interface SignedIn {
  readonly token: string
  readonly until: number
}

const TWELVE_HOURS_MS = 12 * 3_600_000
const MOST_SESSIONS = 1000
const SESSION_ID = /^[\w-]{20,64}$/

/** Sessions in the memory of this process: tokens never reach the browser again, and signing out ends them. */
export class Sessions {
  readonly #signedIn = new Map<string, SignedIn>()
  readonly #now: () => number
  readonly #newId: () => string
  readonly #key: string

  /** `newId` returns an unguessable id of 20 to 64 letters and digits. `now` is in milliseconds. */
  constructor(parts: { readonly now: () => number; readonly newId: () => string }) {
    this.#now = parts.now
    this.#newId = parts.newId
    this.#key = parts.newId()
  }

  /** The session of a request by its cookie, or a new one. */
  of(cookie: string | undefined): Session {
    if (cookie === undefined || !SESSION_ID.test(cookie)) return { id: this.#newId(), token: null }
    const known = this.#signedIn.get(cookie)
    if (known !== undefined && known.until > this.#now()) return { id: cookie, token: known.token }
    this.#signedIn.delete(cookie)
    return { id: cookie, token: null }
  }

  /** A new session with this token. It gets a new id, so that an id from before cannot be used. */
  signIn(session: Session, token: string): Session {
    this.#signedIn.delete(session.id)
    const [oldest] = this.#signedIn.keys()
    if (oldest !== undefined && this.#signedIn.size >= MOST_SESSIONS) this.#signedIn.delete(oldest)
    const id = this.#newId()
    this.#signedIn.set(id, { token, until: this.#now() + TWELVE_HOURS_MS })
    return { id, token }
  }

  signOut(session: Session): void {
    this.#signedIn.delete(session.id)
  }

  /** The value that each form of this session carries, against requests from other sites. */
  formToken({ id }: Session): string {
    return createHmac('sha256', this.#key).update(id).digest('base64url')
  }

  isFormToken(session: Session, value: string): boolean {
    const [expected, got] = [Buffer.from(this.formToken(session)), Buffer.from(value)]
    return expected.length === got.length && timingSafeEqual(expected, got)
  }
}
