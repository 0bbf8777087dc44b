import { GitHubFailure } from '../../source/github/errors.ts'

/**
 * Turns a refusal into an error with the missing permission. GitHub also answers 404 if the credentials lack one.
 * Server errors stay unchanged.
 */
export async function permitted<T>(to: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof GitHubFailure) || error.status >= 500) throw error
    const { status, message, cause } = error
    const isAboutRights = status === 403 || status === 404
    const sentence = `GitHub refused this (${status}). Allow the token or the App to ${to} of this repository.`
    throw new GitHubFailure(status, 'failed', isAboutRights ? sentence : message, cause)
  }
}
