import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { answerArchive } from './answer-archive.ts'
import { answerRequest } from './answer-request.ts'
import { createConformance } from './conformance.ts'
import { hostedRepository } from './hosted.ts'
import { closed, listening } from './http.ts'
import { fullBuckets } from './quota.ts'
import type { GitHubOptions, GitHubStandIn, State } from './state.ts'
import type { HostedRepository } from './types.ts'

export type { GitHubOptions, GitHubStandIn, Recorded, Trouble } from './state.ts'

/** Starts a GitHub stand-in; see `GitHubStandIn`. */
export async function startGitHub(options: GitHubOptions): Promise<GitHubStandIn> {
  const handler = {
    answer: async (_: IncomingMessage, response: ServerResponse): Promise<void> => void response.end(),
  }
  const main = createServer((request, response) => handler.answer(request, response))
  const archives = createServer((request, response) => void answerArchive(state, request, response))
  const [url, archiveUrl] = [await listening(main), await listening(archives)]
  const state = createState(options, url, archiveUrl, async () => {
    await Promise.all([closed(main), closed(archives)])
    for (const { objects } of state.repositories.values()) await objects.close()
    if (state.violations.length > 0) throw new Error(`GitHub would refuse: ${state.violations.join('; ')}`)
  })
  handler.answer = (request, response) => answerRequest(state, request, response)
  const { repositoryPath, owner = 'acme', name = 'prompts' } = options
  if (repositoryPath !== undefined) state.host(owner, name, repositoryPath)
  return state
}

function createState(
  options: GitHubOptions,
  url: string,
  archiveUrl: string,
  close: () => Promise<void>,
): State {
  const now = options.now ?? Date.now
  const repositories = new Map<string, HostedRepository>()
  const tokens = new Map<string, number>()
  const limits = {
    ...{ treeEntries: 100_000, textBytes: 512_000, refsPerPage: Number.MAX_SAFE_INTEGER },
    signedMessages: true,
  }
  const world = {
    ...{ apiUrl: url, archiveUrl, limits, app: options.app, now },
    admit: (token: string, until: number) => void tokens.set(token, until),
  }
  const key = (owner: string, name: string) => `${owner}/${name}`.toLowerCase()
  return {
    ...{ url, enterpriseUrl: `${url}/api/v3`, requests: [], limits, quota: fullBuckets(now()) },
    ...{ options, repositories, tokens, violations: [], conformance: createConformance(), world },
    shown(owner = options.owner ?? 'acme', name = options.name ?? 'prompts') {
      const found = repositories.get(key(owner, name))
      if (found === undefined) throw new Error(`There is no repository ${owner}/${name}.`)
      return found.shown
    },
    host: (owner, name, path) => void repositories.set(key(owner, name), hostedRepository(owner, name, path)),
    remove(owner, name) {
      void repositories.get(key(owner, name))?.objects.close()
      repositories.delete(key(owner, name))
    },
    intercept: () => undefined,
    alter: (_, answer) => answer,
    revokeTokens: () => tokens.clear(),
    close,
  }
}
