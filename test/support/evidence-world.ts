import { join } from 'node:path'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { evidenceRef } from '../../controller/evidence/evidence-statement.ts'
import { DESCRIPTION, TAGS, type Version } from './evidence-cases.ts'
import type { TestRepository } from './git-repository.ts'

/** The file of a prompt with this content. */
export function promptFile(content: string): string {
  return `---\ndescription: ${DESCRIPTION}\ntags: [${TAGS.join(', ')}]\n---\n${content}\n`
}

export function promptPath(id: string): string {
  return join('prompts', `${id}.md`)
}

/** The latest version of a prompt that `promptFile` made, as evidence names it. */
export async function latestVersion(api: RegistryApi, id: string): Promise<Version> {
  const { identity } = await api.resolve(id, { mode: 'dev' })
  const lookup = { prompt_id: id, names: [], identities: [identity], contents: [] }
  const { prompts } = await api.lookup({ prompts: [lookup] })
  const payloadSha256 = prompts[0]?.versions[0]?.reading?.payload_sha256
  if (payloadSha256 == null) throw new Error(`the registry has no reading of "${id}"`)
  return { id, identity, payloadSha256, description: DESCRIPTION, tags: TAGS }
}

/** Puts evidence about a version into a repository. Without a file, the ref points at a commit. */
export async function attach(
  { git, gitWith }: TestRepository,
  version: Version,
  file: Uint8Array | null,
): Promise<void> {
  const oid =
    file === null ? await git('rev-parse', 'HEAD') : await gitWith(file, 'hash-object', '-w', '--stdin')
  await git('update-ref', evidenceRef(version, file ?? Buffer.from('none')), oid)
}
