import type { Conformance } from './conformance.ts'
import type { Buckets } from './quota.ts'
import type { Shown, Viewer } from './shown.ts'
import type { Answer, AppRegistration, HostedRepository, StandInLimits, World } from './types.ts'

export interface GitHubOptions {
  /** A repository on disk, which is there as `owner/name` from the start. */
  readonly repositoryPath?: string
  readonly owner?: string
  readonly name?: string
  /** Lets requests in. */
  readonly token?: string
  readonly app?: AppRegistration
  /** Milliseconds since the epoch; the machine's clock when not given. */
  readonly now?: () => number
}

/** A request that arrived, whatever came of it. */
export interface Recorded {
  readonly method: string
  readonly path: string
  /** GitHub's name of a REST operation, or `query <name>`. */
  readonly operation: string
  readonly status: number
  readonly authorization: string | undefined
}

/** An answer in place of the right one. `cutAfter` drops the connection within the body. */
export type Trouble = Answer & { readonly cutAfter?: number }

/**
 * GitHub in small: real answers from real repositories, on a free loopback port. Below `url` it speaks as
 * api.github.com does, below `enterpriseUrl` as an Enterprise server does.
 */
export interface GitHubStandIn {
  readonly url: string
  readonly enterpriseUrl: string
  /** Oldest first. Empty it to count from here. */
  readonly requests: Recorded[]
  readonly limits: StandInLimits
  readonly quota: Buckets
  /** Puts a repository up, also in place of another one. */
  host(owner: string, name: string, path: string): void
  /** What people see of `acme/prompts`, or of another repository that is up, beside its code. */
  shown(owner?: string, name?: string): Shown
  /** Takes it down; it may come back. */
  remove(owner: string, name: string): void
  /** Answers instead when it gives something. Set it to make trouble; its answers are not judged. */
  intercept: (operation: string, path: string, authorization: string) => Trouble | undefined
  /** Changes right answers, which are judged as they are then sent. */
  alter: (operation: string, answer: Answer) => Answer
  /** Makes all tokens invalid that were made for the App. */
  revokeTokens(): void
  /** Rejects if any request or answer was not what GitHub describes, or if credentials came to the wrong place. */
  close(): Promise<void>
}

/** The stand-in from inside. */
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

/** Of the token: the App's bot, or the person whose token is let in. */
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
