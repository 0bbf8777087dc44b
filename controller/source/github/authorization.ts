import { createAppAuth } from '@octokit/auth-app'
import { Octokit } from '@octokit/rest'
import { SourceError } from '../git-source.ts'
import type { Address } from './address.ts'

export type GitHubAuth =
  | { readonly token: string }
  | {
      readonly appId: number | string
      /** PEM. */
      readonly privateKey: string
      /** Looked up for the repository when not given. */
      readonly installationId?: number | undefined
    }

/** Says who asks. */
export interface Authorization {
  /** The header's value. */
  header(): Promise<string>
  /** Drops what the host called invalid; whether another try makes sense. */
  renew(): boolean
}

export type OctokitOptions = NonNullable<ConstructorParameters<typeof Octokit>[0]>

// The host's clock may be ahead of ours.
const EARLY_MS = 60_000

/** Installation tokens live an hour; one is made when there is none that lives on for a minute. */
export function createAuthorization(
  auth: GitHubAuth,
  address: Address,
  options: OctokitOptions,
  now: () => number,
): Authorization {
  if ('token' in auth) return { header: async () => `Bearer ${auth.token}`, renew: () => false }
  const { request } = new Octokit(options)
  // Its signature of a request is made with the machine's clock, which it corrects by the host's.
  const app = createAppAuth({ appId: auth.appId, privateKey: auth.privateKey, request, log: { warn() {} } })
  let installation = auth.installationId
  let current: Promise<{ token: string; expiresAt: string }> | undefined

  const make = async () => {
    installation ??= await findInstallation(async () => (await app({ type: 'app' })).token, request, address)
    return app({ type: 'installation', installationId: installation, refresh: true })
  }
  const fresh = () => {
    const made = make()
    current = made
    made.catch(() => {
      if (current === made) current = undefined
    })
    return made
  }
  return {
    async header() {
      const known = await (current ?? fresh())
      const alive = Date.parse(known.expiresAt) - EARLY_MS > now()
      return `Bearer ${(alive ? known : await fresh()).token}`
    },
    renew() {
      current = undefined
      return true
    },
  }
}

async function findInstallation(
  jwt: () => Promise<string>,
  request: Octokit['request'],
  { owner, name }: Address,
): Promise<number> {
  const headers = { authorization: `Bearer ${await jwt()}` }
  try {
    const { data } = await request('GET /repos/{owner}/{repo}/installation', { owner, repo: name, headers })
    return data.id
  } catch (error) {
    if (!(error instanceof Error && 'status' in error && error.status === 404)) throw error
    const sentence = `The GitHub App is not installed on ${owner}/${name}: install it there, or correct the address.`
    throw new SourceError('unreachable', sentence)
  }
}
