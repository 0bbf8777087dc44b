import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { SourceConfig } from '../../configuration/config.ts'
import { SourceSchema } from '../../configuration/source-schema.ts'
import { sourceType } from '../../configuration/source-type.ts'
import type { createTreeReader } from '../../prompts/read-tree.ts'
import { WHOLE_TREE } from '../../source/tree-scope.ts'
import { GIT_HOSTS } from '../../wiring/git-hosts.ts'
import { given } from '../arguments.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { UsageError } from '../context.ts'
import type { NewSource } from './write-source.ts'

export interface ReadRepository {
  readonly branch: string
  readonly commit: string
  readonly tags: readonly string[]
  readonly entries: Parameters<ReturnType<typeof createTreeReader>>[0]
}

/** Reads the newest commit of a repository, and its tags. */
export async function readRepository(
  repository: string,
  options: { readonly branch?: string; readonly passwordEnv?: string },
  runtime: CliRuntime,
): Promise<ReadRepository> {
  const { branch, passwordEnv } = options
  const source = settingsOf(
    { name: 'init', repository, ...given({ branch }), ...credentialsOf(passwordEnv) },
    runtime,
  )
  const cacheDir = await mkdtemp(join(tmpdir(), 'promptctl-init-'))
  try {
    const git = GIT_HOSTS[sourceType(source, runtime)].open(source, {
      ...{ cacheDir, isReleaseBranch: undefined, runtime, gitHubCache: undefined },
    })
    const listing = await git.listRefs(runtime.signal)
    const snapshot = await git.open(listing, runtime.signal)
    try {
      const entries = await snapshot.tree(listing.commit, WHOLE_TREE)
      return { ...listing, tags: listing.tags.map(({ name }) => name), entries }
    } finally {
      await snapshot.close()
    }
  } finally {
    await rm(cacheDir, { recursive: true, force: true })
  }
}

/** Throws `UsageError`. */
export function settingsOf(source: NewSource, { cwd }: CliRuntime): SourceConfig {
  const parsed = SourceSchema.safeParse(source)
  if (!parsed.success)
    throw new UsageError(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    )
  const isRemote = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/|[^/]+:)/.test(source.repository)
  return { ...parsed.data, repository: isRemote ? source.repository : resolve(cwd, source.repository) }
}

export function credentialsOf(passwordEnv: string | undefined): Pick<NewSource, 'credentials'> {
  return passwordEnv === undefined ? {} : { credentials: { passwordEnv } }
}
