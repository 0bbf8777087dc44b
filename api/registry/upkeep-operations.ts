import { RegistryError } from '../contract/errors.ts'
import { parsePromptId } from '../contract/prompt-id.ts'
import type {
  ArchiveOperation,
  HealOperation,
  RetireOperation,
  SettleOperation,
} from '../contract/registry-api.ts'
import { parseRelease, type Release } from '../contract/release.ts'
import { isHeldBySource } from '../contract/release-line.ts'
import { versionNameKey } from '../contract/version-name.ts'
import { decideArchive } from './archive.ts'
import { decideHeal } from './heal.ts'
import { actOf, type OperationContext } from './operation-context.ts'
import { heldBySource } from './promote.ts'
import { useOfPrompt } from './reads.ts'
import { decideRetire } from './retire.ts'
import { decideSettle } from './settle.ts'
import type { SourceGuard } from './source-guard.ts'
import { transact } from './transact.ts'

/**
 * A source's operations for prompts that it no longer has or that somebody changed by hand. Only batches contain
 * them.
 */
export function upkeepOperations(context: OperationContext, guard: SourceGuard) {
  const { caller, prompts } = context
  return {
    async archive(request: ArchiveOperation) {
      return await transact(context, parsePromptId(request.prompt_id), async (snapshot) => {
        await guard.lease(request.source, request.lease_token)
        return decideArchive(request, snapshot, caller, actOf(context, request.reason))
      })
    },
    async retire(request: RetireOperation) {
      const release = checkedRelease(request.release)
      return await transact(context, parsePromptId(request.prompt_id), async (snapshot) => {
        await guard.lease(request.source, request.lease_token)
        const hold = request.override === true ? null : await guard.hold(request.source)
        if (isHeldBySource(hold, release)) throw heldBySource(request.prompt_id, request.source ?? null, hold)
        const isConfirmed = request.confirm === true || snapshot === undefined
        const use = isConfirmed ? null : await useOfPrompt(context, snapshot.head.promptId)
        return decideRetire({ ...request, release }, snapshot, caller, actOf(context, request.reason), use)
      })
    },
    async heal(request: HealOperation) {
      const id = parsePromptId(request.prompt_id)
      const wanted = [request.stable, request.latest].filter((one) => one !== undefined)
      const release = request.stable === undefined ? [] : [request.stable.release]
      const names = [...wanted.map(({ version }) => version), ...release].map(versionNameKey)
      return await transact(context, id, async (snapshot) => {
        const found = await prompts.find(id, { names })
        await guard.lease(request.source, request.lease_token)
        const hold = request.stable === undefined ? null : await guard.hold(request.source)
        if (hold !== null) throw heldBySource(id, request.source, hold)
        return decideHeal(request, snapshot, found, caller, actOf(context, request.reason))
      })
    },
    async settle(request: SettleOperation) {
      const id = parsePromptId(request.prompt_id)
      const identities = request.identity === null ? [] : [request.identity]
      return await transact(context, id, async (snapshot) => {
        const found = await prompts.find(id, { identities })
        await guard.lease(request.source, request.lease_token)
        return decideSettle(request, snapshot, found, caller, actOf(context, request.reason))
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
