import type { ObjectReader } from './objects.ts'
import type { Shown, Viewer } from './shown.ts'

/** A routed and authorized request that matches GitHub's description. */
export interface Call {
  readonly parameters: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: unknown
  /** Path below the base of the API. */
  readonly path: string
  readonly viewer: Viewer
  /** The repository in the path. Endpoints of the App have none and must not use this. */
  readonly repository: HostedRepository
  readonly github: World
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON unless it is bytes. */
  readonly body?: unknown
}

/** One operation of GitHub's REST API, named as in GitHub's description. */
export interface Endpoint {
  readonly operation: `${'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'} ${string}`
  answer(call: Call): Answer | Promise<Answer>
}

export interface HostedRepository {
  readonly owner: string
  readonly name: string
  readonly objects: ObjectReader
  readonly shown: Shown
  /** Runs git in the repository. Throws if it fails. */
  git(...args: readonly string[]): Promise<string>
  gitBytes(...args: readonly string[]): Promise<Buffer>
}

/** The data of the host that endpoints may use. */
export interface World {
  /** Base URL of the REST API. */
  readonly apiUrl: string
  readonly archiveUrl: string
  readonly limits: StandInLimits
  readonly app: AppRegistration | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Accepts this token until it expires. */
  admit(token: string, until: number): void
}

/** GitHub's own limits. Tests lower them. */
export interface StandInLimits {
  /** Entries per tree response; above this limit it is `truncated`. */
  treeEntries: number
  /** Bytes of a blob's text in GraphQL; above this limit it is `isTruncated`. */
  textBytes: number
  /** References per page. GitHub's description allows paging here, but GitHub returns all at once. */
  refsPerPage: number
  /** Whether GraphQL returns the message of a signed tag with its signature. GitHub documents neither. */
  signedMessages: boolean
}

export interface AppRegistration {
  readonly appId: number
  readonly installationId: number
  /** The App's key, as PEM. */
  readonly publicKey: string
}

/** A refusal with GitHub's message. */
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
