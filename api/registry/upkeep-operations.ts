import { RegistryError } from '../contract/errors.ts'
import { parsePromptId } from '../contract/prompt-id.ts'
import type { ArchiveOperation, HealOperation, RetireOperation } from '../contract/registry-api.ts'
import { parseRelease, type Release } from '../contract/release.ts'
import { versionNameKey } from '../contract/version-name.ts'
import { decideArchive } from './archive.ts'
import { decideHeal } from './heal.ts'
import type { LeaseGuard } from './lease-guard.ts'
import { actOf, type OperationContext } from './operation-context.ts'
import { decideRetire } from './retire.ts'
import { transact } from './transact.ts'

/**
 * A source's operations for prompts that it no longer has or that somebody changed by hand. Only batches contain
 * them.
 */
export function upkeepOperations(context: OperationContext, guard: LeaseGuard) {
  const { caller, prompts } = context
  return {
    async archive(request: ArchiveOperation) {
      return await transact(context, parsePromptId(request.prompt_id), async (snapshot) => {
        await guard(request.source, request.lease_token)
        return decideArchive(request, snapshot, caller, actOf(context, request.reason))
      })
    },
    async retire(request: RetireOperation) {
      const release = checkedRelease(request.release)
      return await transact(context, parsePromptId(request.prompt_id), async (snapshot) => {
        await guard(request.source, request.lease_token)
        return decideRetire({ ...request, release }, snapshot, caller, actOf(context, request.reason))
      })
    },
    async heal(request: HealOperation) {
      const id = parsePromptId(request.prompt_id)
      const wanted = [request.stable, request.latest].filter((one) => one !== undefined)
      const release = request.stable === undefined ? [] : [request.stable.release]
      const names = [...wanted.map(({ version }) => version), ...release].map(versionNameKey)
      return await transact(context, id, async (snapshot) => {
        const found = await prompts.find(id, { names })
        await guard(request.source, request.lease_token)
        return decideHeal(request, snapshot, found, caller, actOf(context, request.reason))
      })
    },
  }
}

function checkedRelease(text: string): Release {
  const release = parseRelease(text)
  if (release !== undefined) return release
  throw new RegistryError(
    'invalid_version',
    `"${text}" is not a release; use a semantic version such as 1.3.0.`,
  )
}
