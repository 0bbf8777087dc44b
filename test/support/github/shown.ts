/** The caller or the author of a comment. `appId` is set for actions of an App. */
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
  /** Whether the pull request comes from a fork. */
  readonly fork: boolean
  /** Set if it was merged. */
  readonly merge?: ShownMerge
}

export interface ShownMerge {
  /** All commits that the merge brought to the branch. The last is the one that GitHub made. */
  readonly commits: readonly string[]
  /** ISO 8601. */
  readonly at: string
  /** Logins; `null` for a deleted account. */
  readonly author: string | null
  readonly reviews: readonly {
    readonly author: string | null
    readonly state: string
    readonly mayWrite: boolean
  }[]
}

export interface ShownComment {
  readonly id: number
  readonly pullRequest: number
  readonly body: string
  readonly author: Viewer
}

/** A run of a check. `conclusion` and `completedAt` are `null` while it runs. */
export interface ShownCheckRun {
  readonly sha: string
  readonly name: string
  readonly appId: number
  readonly conclusion: string | null
  readonly completedAt: string | null
}

/** The visible data of a repository besides its code, oldest first. Tests add entries of other authors. */
export interface Shown {
  readonly statuses: ShownStatus[]
  readonly checkRuns: ShownCheckRun[]
  readonly pullRequests: ShownPullRequest[]
  readonly comments: ShownComment[]
}
