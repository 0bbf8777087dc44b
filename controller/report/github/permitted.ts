import { GitHubFailure } from '../../source/github/errors.ts'

/**
 * Says of a refusal that it is one, and what the credentials need: GitHub also calls missing what they may not see.
 * An outage stays what it is.
 */
export async function permitted<T>(to: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof GitHubFailure) || error.status >= 500) throw error
    const { status, message, cause } = error
    const isAboutRights = status === 403 || status === 404
    const sentence = `GitHub refused it (${status}): let the token or the App ${to} of this repository.`
    throw new GitHubFailure(status, 'failed', isAboutRights ? sentence : message, cause)
  }
}
