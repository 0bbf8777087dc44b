import { join } from 'node:path'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { PassInput } from '../../controller/pass/pass-input.ts'
import { runPass } from '../../controller/pass/run-pass.ts'
import { createGitSource } from '../../controller/source/git/index.ts'
import type { GitSource } from '../../controller/source/git-source.ts'
import type { PassReport } from '../../controller/state/pass-report.ts'
import { type RoundMember, runRound } from '../../controller/watch/run-round.ts'
import { makeController, sourceConfig, type Traffic } from './controller.ts'
import { createRepository, type TestRepository } from './git-repository.ts'
import { scratchFolder } from './scratch.ts'

/** A real repository read by many sources, each with its own folder, and the rounds over it. */
export interface SharedRepository {
  readonly repository: TestRepository
  readonly api: RegistryApi
  /** Requests to the registry, listings and openings. */
  readonly traffic: Traffic
  readonly members: readonly RoundMember[]
  /** A round of these sources. Default: all. Another cache simulates another machine. */
  round(
    names?: readonly string[],
    pass?: (input: PassInput) => Promise<PassReport>,
    cache?: string,
  ): Promise<PassReport[]>
  /** The current state of each source. */
  commit(text: string): Promise<string>
}

export async function shareRepository(
  count: number,
  source: Readonly<Record<string, unknown>> = {},
): Promise<SharedRepository> {
  const folder = await scratchFolder()
  const repository = await createRepository(join(folder, 'upstream'))
  const { api, traffic } = makeController({ folder, repository: repository.path })
  const names = Array.from({ length: count }, (_, index) => `s${index}`)
  const members = names.map((name): RoundMember => {
    const config = { name, repository: repository.path, directories: [name], idPrefix: `${name}/`, ...source }
    return {
      source: sourceConfig(config),
      api,
      holder: `test:${name}`,
      repository: repository.path,
      now: Date.now,
      random: () => 0.5,
      pause: async () => {},
    }
  })
  const gitIn = (cache: string): GitSource => {
    const options = { repository: repository.path, cacheDir: join(folder, cache), env: process.env }
    const git = createGitSource(options)
    return {
      listRefs(signal) {
        traffic.listings++
        return git.listRefs(signal)
      },
      open(listing, signal) {
        traffic.opened++
        return git.open(listing, signal)
      },
    }
  }
  return {
    repository,
    api,
    traffic,
    members,
    round: (chosen = names, pass = runPass, cache = 'cache') =>
      runRound(
        gitIn(cache),
        members.filter((member) => chosen.includes(member.source.name)),
        pass,
      ),
    commit: (text) =>
      repository.commit(Object.fromEntries(names.map((name) => [`${name}/p.txt`, `${text} of ${name}\n`]))),
  }
}
