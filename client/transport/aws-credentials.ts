import { createScrub, type Scrub } from '../../api/contract/secrets.ts'

interface SignedClient {
  readonly config: {
    readonly credentials: () => Promise<{ readonly secretAccessKey: string; readonly sessionToken?: string }>
  }
}

/** For what AWS answers: takes out the credentials by which a client of its SDK signs, should they be repeated. */
export async function scrubOf({ config }: SignedClient): Promise<Scrub> {
  try {
    const { secretAccessKey, sessionToken } = await config.credentials()
    return createScrub([secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])])
  } catch {
    // Without credentials nothing was sent.
    return (text) => text
  }
}
