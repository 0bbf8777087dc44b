/** Whoever asks, or wrote a comment. `appId` is there for what an App does. */
export interface Viewer {
  readonly id: number
  readonly login: string
  readonly type: 'User' | 'Bot'
  readonly appId?: number
}

export interface ShownStatus {
  readonly sha: string
  readonly state: string
  readonly context: string
  readonly description: string
  readonly target_url: string | null
}

/** Its head is the repository's ref `refs/pull/<number>/head`. */
export interface ShownPullRequest {
  readonly number: number
  readonly base: string
  readonly state: 'open' | 'closed'
  /** Whether the head is said to lie in another repository. */
  readonly fork: boolean
}

export interface ShownComment {
  readonly id: number
  readonly pullRequest: number
  readonly body: string
  readonly author: Viewer
}

/** What people see of a repository beside its code. Oldest first; tests put there what others wrote. */
export interface Shown {
  readonly statuses: ShownStatus[]
  readonly pullRequests: ShownPullRequest[]
  readonly comments: ShownComment[]
}
