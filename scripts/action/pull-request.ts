import { z } from 'zod'

export interface PullRequest {
  readonly number: number
  /** The branch that it would be merged into. */
  readonly base: string
  readonly repository: string
  /** GitHub gives no secrets to the jobs of a pull request from a fork. */
  readonly isFork: boolean
}

const RepositorySchema = z.object({ full_name: z.string(), clone_url: z.string() })

const EventSchema = z.object({
  pull_request: z.object({
    number: z.int().positive(),
    base: z.object({ ref: z.string(), repo: RepositorySchema }),
    // null: the fork was deleted.
    head: z.object({ repo: RepositorySchema.nullable() }),
  }),
})

/** The pull request of a webhook event; `null` for any other event. */
export function pullRequestOf(event: unknown): PullRequest | null {
  const read = EventSchema.safeParse(event)
  if (!read.success) return null
  const { number, base, head } = read.data.pull_request
  return {
    number,
    base: base.ref,
    repository: base.repo.clone_url,
    isFork: head.repo?.full_name !== base.repo.full_name,
  }
}
