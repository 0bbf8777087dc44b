import { join } from 'node:path'
import type { SourceConfig } from '../../configuration/config.ts'
import { sourceType } from '../../configuration/source-type.ts'
import { publicRepository } from '../../source/public-repository.ts'
import { GIT_HOSTS } from '../../wiring/git-hosts.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { failed, type InstallationCheck, ok, warn } from './check.ts'

/** Lists the refs of the repository, which needs its address, its branch and its credentials. Fetches nothing. */
export async function sourceCheck(
  source: SourceConfig,
  cache: string,
  runtime: CliRuntime,
): Promise<InstallationCheck> {
  const name = `source ${source.name}`
  try {
    const host = GIT_HOSTS[sourceType(source, runtime)]
    const git = host.open(source, {
      ...{ cacheDir: join(cache, source.name), isReleaseBranch: undefined },
      ...{ runtime, gitHubCache: undefined },
    })
    const { branch, commit, tags } = await git.listRefs(runtime.signal)
    const found = `branch ${branch} at ${commit.slice(0, 12)}, ${tags.length} ${tags.length === 1 ? 'tag' : 'tags'}`
    return ok(name, `${publicRepository(source.repository)}: ${found}`)
  } catch (error) {
    return failed(name, error)
  }
}

/** Shorter secrets can be guessed from the signature of one delivery. */
const SHORTEST_SECRET = 16

export function webhookCheck(
  { name, webhook }: SourceConfig,
  { env }: Pick<CliRuntime, 'env'>,
): InstallationCheck[] {
  if (webhook === undefined) return []
  const about = `webhook ${name}`
  const variable = webhook.secretEnv
  const secret = env[variable] ?? ''
  const make = `Set it to the secret of the webhook at the git host; "openssl rand -hex 32" makes one.`
  if (secret === '') return [{ name: about, status: 'fail', message: `${variable} is not set.`, fix: make }]
  if (secret !== secret.trim())
    return [
      warn(
        about,
        `${variable} begins or ends with a space or a line break.`,
        'Remove it, unless the host has it too.',
      ),
    ]
  if (secret.length < SHORTEST_SECRET)
    return [warn(about, `${variable} has ${secret.length} characters, which can be guessed.`, make)]
  return [ok(about, `${variable} is set`)]
}
