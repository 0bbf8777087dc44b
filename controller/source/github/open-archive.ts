import type { Octokit } from '@octokit/rest'
import { SourceError } from '../source-error.ts'
import { notUnderstood, refusedBy } from './errors.ts'
import { networkFailure } from './network.ts'
import type { ApiOptions, Ask } from './request-options.ts'

/** See `GitHubApi.archive`. */
export async function openArchive(
  octokit: Octokit,
  ask: Ask,
  { address, fetch, secrets }: ApiOptions,
  commit: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const { owner, name } = address
  const { headers } = await ask(
    () =>
      octokit.request('GET /repos/{owner}/{repo}/tarball/{ref}', {
        ...{ owner, repo: name, ref: commit },
        request: { signal, redirect: 'manual' },
      }),
    signal,
  )
  const location = URL.parse(headers.location ?? '', address.apiUrl)
  const encrypted = location?.protocol === 'https:' || location?.protocol === new URL(address.apiUrl).protocol
  if (location === null || !encrypted) throw notUnderstood('no address of the archive')
  // The archive is on another host, and its address is a secret that is valid for a few minutes.
  for (const value of location.searchParams.values()) secrets.add(value)
  const response = await ask(
    () =>
      fetch(location.href, { signal, redirect: 'follow' }).catch((error: unknown) => {
        if (signal.aborted || error instanceof SourceError) throw error
        throw networkFailure(error, location.host, secrets)
      }),
    signal,
  )
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    throw refusedBy(response.status, `${owner}/${name}`, 'the archive was refused')
  }
  return response.body
}
