import type { GitHubClientOptions } from '../../../controller/source/github/client.ts'
import {
  createGitHubSource,
  type GitHubSource,
  type GitHubSourceOptions,
} from '../../../controller/source/github/index.ts'

export const TOKEN = 'ghp_s3cr3t/+token&of=tests'

/** A source on a stand-in. Time passes only when the source waits. */
export function sourceOn(
  { url }: { readonly url: string },
  clock: FakeClock,
  options: Partial<GitHubSourceOptions> = {},
): GitHubSource {
  return createGitHubSource({ ...clientOptionsOn({ url }, clock), ...options })
}

export function clientOptionsOn({ url }: { readonly url: string }, clock: FakeClock): GitHubClientOptions {
  return {
    repository: 'acme/prompts',
    baseUrl: url,
    auth: { token: TOKEN },
    fetch: (address, init) => fetch(address, init),
    now: clock.now,
    random: () => 0.5,
    pause: clock.pause,
  }
}

export interface FakeClock {
  readonly now: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Every wait, in milliseconds. */
  readonly waits: number[]
  /** Advances the clock. */
  pass(ms: number): void
}

export function fakeClock(start = Date.UTC(2026, 5, 1, 12)): FakeClock {
  let time = start
  const waits: number[] = []
  return {
    waits,
    now: () => time,
    pass: (ms) => {
      time += ms
    },
    async pause(ms, signal) {
      signal?.throwIfAborted()
      waits.push(ms)
      time += ms
    },
  }
}
