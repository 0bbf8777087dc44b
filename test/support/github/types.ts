import type { ObjectReader } from './objects.ts'
import type { Shown, Viewer } from './shown.ts'

/** A request as an endpoint sees it: routed, let in, and in agreement with GitHub's description. */
export interface Call {
  readonly parameters: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: unknown
  /** Of the request, below the base of the interface. */
  readonly path: string
  readonly viewer: Viewer
  /** Of the repository that the path names; endpoints of the App have none and must not touch it. */
  readonly repository: HostedRepository
  readonly github: World
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON unless it is bytes. */
  readonly body?: unknown
}

/** One operation of GitHub's REST interface, named as GitHub's description names it. */
export interface Endpoint {
  readonly operation: `${'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'} ${string}`
  answer(call: Call): Answer | Promise<Answer>
}

export interface HostedRepository {
  readonly owner: string
  readonly name: string
  readonly objects: ObjectReader
  readonly shown: Shown
  /** Runs git in it; throws when that fails. */
  git(...args: readonly string[]): Promise<string>
  gitBytes(...args: readonly string[]): Promise<Buffer>
}

/** What endpoints may know of the host they belong to. */
export interface World {
  /** Of the REST interface. */
  readonly apiUrl: string
  readonly archiveUrl: string
  readonly limits: StandInLimits
  readonly app: AppRegistration | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Lets requests with this token in, until then. */
  admit(token: string, until: number): void
}

/** GitHub's own limits; tests lower them. */
export interface StandInLimits {
  /** Entries of one tree answer; above it is `truncated`. */
  treeEntries: number
  /** Bytes of a blob's text in GraphQL; above it `isTruncated`. */
  textBytes: number
  /** References on one page. GitHub's own description allows pages here; GitHub gives all at once. */
  refsPerPage: number
}

export interface AppRegistration {
  readonly appId: number
  readonly installationId: number
  /** PEM, of the App's key. */
  readonly publicKey: string
}

/** What cannot be done, as GitHub says it. */
export function refused(message: string): Answer {
  return {
    status: 422,
    body: { message: `Validation Failed: ${message}`, documentation_url: 'https://docs.github.com/rest' },
  }
}

export const notFound: Answer = {
  status: 404,
  body: {
    message: 'Not Found',
    documentation_url: 'https://docs.github.com/rest',
    status: '404',
  },
}
