import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createRepository, type TestRepository } from '../../support/git-repository.ts'
import type { ShownPullRequest } from '../../support/github/shown.ts'
import { TOKEN } from '../../support/github/source.ts'
import { type GitHubOptions, type GitHubStandIn, startGitHub } from '../../support/github/start.ts'
import { type CliUnderTest, configure, makeCli, type Ran, words } from '../cli/cli-under-test.ts'

/** `promptctl` whose one source `demo` is `acme/prompts` on a GitHub of its own. */
export interface ReportedCli extends CliUnderTest {
  readonly github: GitHubStandIn
  readonly repository: TestRepository
  /** Runs a command line with the token in its environment. */
  promptctl(line: string): Promise<Ran>
  /** Statuses in the order of posting, as `<commit> <context> <state>: <description>`; since the last call. */
  statuses(): string[]
  /** Says how the source reports, in YAML's flow style. */
  report(reports: string): Promise<void>
  /** Puts a pull request up with the commit as its head, or moves it there. */
  propose(number: number, commit: string, different?: Partial<ShownPullRequest>): Promise<void>
}

export async function makeReportedCli(options: Partial<GitHubOptions> = {}): Promise<ReportedCli> {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  const github = await startGitHub({ repositoryPath: repository.path, token: TOKEN, ...options })
  onTestFinished(() => github.close())
  const { shown } = github
  let told = 0
  return {
    ...cli,
    github,
    repository,
    promptctl: (line) => cli.run(words(line), { env: { GITHUB_TOKEN: TOKEN } }),
    statuses() {
      const news = shown().statuses.slice(told)
      told += news.length
      return news.map(
        ({ sha, context, state, description }) => `${sha.slice(0, 7)} ${context} ${state}: ${description}`,
      )
    },
    report: (reports) =>
      configure(cli.folder, [
        `{ name: demo, type: github, repository: acme/prompts, apiUrl: "${github.url}", credentials: { passwordEnv: GITHUB_TOKEN }, reports: ${reports} }`,
      ]),
    async propose(number, commit, different = {}) {
      await repository.git('update-ref', `refs/pull/${number}/head`, commit)
      const known = shown().pullRequests.findIndex((one) => one.number === number)
      const proposed: ShownPullRequest = { number, base: 'main', state: 'open', fork: false, ...different }
      if (known === -1) shown().pullRequests.push(proposed)
      else shown().pullRequests[known] = proposed
    },
  }
}

/** Puts a pull request up, or moves it, with changes to where the branch is now. Gives its head. */
export async function propose(
  { repository, propose: put }: Pick<ReportedCli, 'repository' | 'propose'>,
  number: number,
  changes: Parameters<TestRepository['commit']>[0],
): Promise<string> {
  await repository.git('checkout', '--quiet', '--detach')
  const commit = await repository.commit(changes)
  await repository.git('checkout', '--quiet', 'main')
  await put(number, commit)
  return commit
}
