import type { Conformance } from './conformance.ts'
import type { Buckets } from './quota.ts'
import type { Shown, Viewer } from './shown.ts'
import type { Answer, AppRegistration, HostedRepository, StandInLimits, World } from './types.ts'

export interface GitHubOptions {
  /** A repository on disk, served as `owner/name` from the start. */
  readonly repositoryPath?: string
  readonly owner?: string
  readonly name?: string
  /** The token that is accepted. */
  readonly token?: string
  readonly app?: AppRegistration
  /** Milliseconds since the epoch. Default: the machine's clock. */
  readonly now?: () => number
}

/** A request that arrived, whether or not it succeeded. */
export interface Recorded {
  readonly method: string
  readonly path: string
  /** GitHub's name of a REST operation, or `query <name>`. */
  readonly operation: string
  readonly status: number
  readonly authorization: string | undefined
}

/** A response that replaces the correct one. `cutAfter` drops the connection inside the body. */
export type Trouble = Answer & { readonly cutAfter?: number }

/**
 * A GitHub stand-in: real responses from real repositories, on a free loopback port. `url` behaves like
 * api.github.com, `enterpriseUrl` like an Enterprise server.
 */
export interface GitHubStandIn {
  readonly url: string
  readonly enterpriseUrl: string
  /** Oldest first. Clear it to count from here. */
  readonly requests: Recorded[]
  readonly limits: StandInLimits
  readonly quota: Buckets
  /** Serves a repository, also in place of another one. */
  host(owner: string, name: string, path: string): void
  /** The visible data of `acme/prompts`, or of another served repository, besides its code. */
  shown(owner?: string, name?: string): Shown
  /** Stops serving the repository. It may be served again. */
  remove(owner: string, name: string): void
  /**
   * Handles a request instead if it returns a response. Set it to inject faults; these responses are not
   * validated.
   */
  intercept: (operation: string, path: string, authorization: string) => Trouble | undefined
  /** Changes correct responses. The result is validated. */
  alter: (operation: string, answer: Answer) => Answer
  /** Revokes all tokens issued for the App. */
  revokeTokens(): void
  /**
   * Rejects if any request or response violated GitHub's description, or if credentials were sent to the wrong
   * place.
   */
  close(): Promise<void>
}

/** The stand-in, for its own endpoints. */
export interface State extends GitHubStandIn {
  readonly options: GitHubOptions
  readonly repositories: Map<string, HostedRepository>
  readonly tokens: Map<string, number>
  readonly violations: string[]
  readonly conformance: Conformance
  readonly world: World
}

export function finder(state: State): (owner: unknown, name: unknown) => HostedRepository | undefined {
  return (owner, name) => state.repositories.get(`${owner}/${name}`.toLowerCase())
}

/** The owner of the token: the App's bot, or the person whose token is accepted. */
export function viewerOf({ options, tokens }: State, token: string): Viewer {
  const { app } = options
  return app !== undefined && tokens.has(token)
    ? { id: 4000, login: 'prompt-registry[bot]', type: 'Bot', appId: app.appId }
    : { id: 1000, login: 'robot', type: 'User' }
}

export function violated(state: State, problem: string): Answer {
  if (!state.violations.includes(problem)) state.violations.push(problem)
  return { status: 500, body: { message: problem } }
}
