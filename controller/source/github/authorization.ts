import { createAppAuth } from '@octokit/auth-app'
import { Octokit } from '@octokit/rest'
import { sourceError } from '../source-error.ts'
import type { Address } from './address.ts'

export type GitHubAuth =
  | { readonly token: string }
  | {
      readonly appId: number | string
      /** PEM. */
      readonly privateKey: string
      /** Default: the installation for the repository. */
      readonly installationId?: number | undefined
    }

/** The credentials of requests. */
export interface Authorization {
  /** The value of the `authorization` header. */
  header(): Promise<string>
  /** Drops a token that the host refused. Returns whether a retry makes sense. */
  renew(): boolean
}

export type OctokitOptions = NonNullable<ConstructorParameters<typeof Octokit>[0]>

// The host's clock may be ahead.
const EARLY_MS = 60_000

/** The App's key cannot sign. */
export class KeyTrouble extends Error {}

/** Installation tokens are valid for an hour. A new one is created a minute before the old one expires. */
export function createAuthorization(
  auth: GitHubAuth,
  address: Address,
  options: OctokitOptions,
  now: () => number,
): Authorization {
  if ('token' in auth) return { header: async () => `Bearer ${auth.token}`, renew: () => false }
  const { request } = new Octokit(options)
  // It signs requests with the machine's clock, corrected by the host's clock.
  const app = createAppAuth({ appId: auth.appId, privateKey: auth.privateKey, request, log: { warn() {} } })
  let installation = auth.installationId
  let current: Promise<{ token: string; expiresAt: string }> | undefined

  // Signing sends nothing, so the key causes any failure.
  const signed = async () => {
    try {
      return (await app({ type: 'app' })).token
    } catch (error) {
      throw new KeyTrouble(error instanceof Error ? error.message : String(error))
    }
  }
  const make = async () => {
    const jwt = await signed()
    installation ??= await findInstallation(jwt, request, address)
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
  jwt: string,
  request: Octokit['request'],
  { owner, name }: Address,
): Promise<number> {
  const headers = { authorization: `Bearer ${jwt}` }
  try {
    const { data } = await request('GET /repos/{owner}/{repo}/installation', { owner, repo: name, headers })
    return data.id
  } catch (error) {
    if (!(error instanceof Error && 'status' in error && error.status === 404)) throw error
    throw sourceError('unauthorized', `The GitHub App is not installed on ${owner}/${name}.`, {
      next: 'Install it there, or correct the address.',
    })
  }
}
