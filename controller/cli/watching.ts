import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { Config } from '../config.ts'
import type { PassInput } from '../reconcile.ts'
import { runPass } from '../run-pass.ts'
import { runRound } from '../run-round.ts'
import { createWatch, type Watch, type WatchedRepository } from '../serve.ts'
import { sameRepositoryKey } from '../source/repository-address.ts'
import { createPassNews } from './pass-news.ts'
import { type Repository, repositoriesOf } from './passes.ts'
import type { World } from './world.ts'

/** A watch over all sources of the configuration, which prints their news; `afterFirst` comes after the first pass. */
export function watchSources(config: Config, api: RegistryApi, world: World, afterFirst = () => {}): Watch {
  const { now, random, pause, signal } = world
  const tell = createPassNews(world)
  const first = once(afterFirst)
  return createWatch({
    repositories: repositoriesOf(config.sources, config, api, world).map(watched),
    report: (report) => {
      tell(report)
      first()
    },
    now,
    random,
    pause,
    signal,
  })
}

function watched({ address, cacheDir, git, members }: Repository): WatchedRepository {
  return {
    sources: members.map(({ source }) => source),
    place: sameRepositoryKey(address),
    cache: cacheDir,
    run: (names, report) => {
      const pass = async (input: PassInput) => {
        const passed = await runPass(input)
        report(passed)
        return passed
      }
      const asked = members.filter(({ source }) => names.includes(source.name))
      return runRound(git, asked, pass)
    },
  }
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}
