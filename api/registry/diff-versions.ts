import { RegistryError } from '../contract/errors.ts'
import { compareFiles, fileDigests } from '../contract/file-changes.ts'
import { seesDrafts } from '../contract/mode.ts'
import type { DiffQuery } from '../contract/registry-api.ts'
import { parseVersionName } from '../contract/version-name.ts'
import type { Snapshot } from '../store/records.ts'
import { type DiffSide, unifiedDiff } from './diff.ts'
import { findPrompt, findVersion } from './find-prompt.ts'
import { filesOf } from './folder-file.ts'
import type { OperationContext } from './operation-context.ts'
import { chooseVersion } from './resolve.ts'
import { visibilityOf, visibleSnapshot } from './visibility.ts'

/** The diff of two versions. Throws `invalid_request`, `not_found`, `gone` and the errors of `chooseVersion`. */
export async function diffVersions(context: OperationContext, id: string, { v1, v2 }: DiffQuery) {
  if ((v1 === undefined) !== (v2 === undefined)) {
    throw new RegistryError(
      'invalid_request',
      'A diff needs both v1 and v2, or neither (default: stable to latest).',
    )
  }
  const snapshot = visibleSnapshot(visibilityOf(context), id, await findPrompt(context.prompts, id))
  const [before, after] = await Promise.all([
    diffSide(context, snapshot, v1 ?? 'stable'),
    diffSide(context, snapshot, v2 ?? 'latest'),
  ])
  const digestsOf = async ({ version }: DiffSide) =>
    fileDigests(version.sidecars, await filesOf(context.prompts, id, version))
  const files = compareFiles(await digestsOf(before), await digestsOf(after))
  return {
    prompt_id: id,
    v1: before.name,
    v2: after.name,
    diff: unifiedDiff(id, before, after),
    files: files && {
      added: [...files.added],
      changed: [...files.changed],
      removed: [...files.removed],
    },
  }
}

/** One side of a diff, resolved in the least strict mode that this deployment serves. */
async function diffSide(context: OperationContext, snapshot: Snapshot, name: string): Promise<DiffSide> {
  const { prompts, settings } = context
  const id = snapshot.head.promptId
  const pin = name === 'stable' || name === 'latest' ? snapshot.head[name] : parseVersionName(name)
  if (pin === null) {
    throw new RegistryError(
      'not_found',
      `The prompt "${id}" has no ${name} version; name two versions to compare.`,
      {
        details: { prompt_id: id, version: name },
      },
    )
  }
  const mode = settings.allowedModes.find(seesDrafts) ?? 'production'
  const named = await findVersion(prompts, id, pin)
  const isVisible = named !== undefined && visibilityOf(context).isVisible(named, snapshot.head)
  const version = chooseVersion({ id, pin }, snapshot, isVisible ? named : undefined, mode, settings)
  return { name: version.version, version, content: await prompts.content(id, version) }
}
