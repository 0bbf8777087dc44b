import { GitHubFailure } from '../../source/github/errors.ts'

/** Says of a refusal what the credentials need: GitHub also calls missing what they may not see. */
export async function permitted<T>(to: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof GitHubFailure) || ![403, 404].includes(error.status)) throw error
    const sentence = `GitHub refused it (${error.status}): let the token or the App ${to} of this repository.`
    throw new GitHubFailure(error.status, error.code, sentence, error.cause)
  }
}
