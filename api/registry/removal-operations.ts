import { RegistryError } from '../contract/errors.ts'
import { parsePromptId } from '../contract/prompt-id.ts'
import type { ArchiveOperation, RetireOperation } from '../contract/registry-api.ts'
import { parseRelease, type Release } from '../contract/release.ts'
import { decideArchive } from './archive.ts'
import type { LeaseGuard } from './lease-guard.ts'
import { actOf, type OperationContext } from './operation-context.ts'
import { decideRetire } from './retire.ts'
import { transact } from './transact.ts'

/** What a source does about prompts that it no longer has. Only batches carry these. */
export function removalOperations(context: OperationContext, guard: LeaseGuard) {
  const { caller, queues } = context
  return {
    async archive(request: ArchiveOperation) {
      return await transact(context, queues, parsePromptId(request.prompt_id), async (snapshot) => {
        await guard(request.source, request.lease_token)
        return decideArchive(request, snapshot, caller, actOf(context, request.reason))
      })
    },
    async retire(request: RetireOperation) {
      const release = checkedRelease(request.release)
      return await transact(context, queues, parsePromptId(request.prompt_id), async (snapshot) => {
        await guard(request.source, request.lease_token)
        return decideRetire({ ...request, release }, snapshot, caller, actOf(context, request.reason))
      })
    },
  }
}

function checkedRelease(text: string): Release {
  const release = parseRelease(text)
  if (release !== undefined) return release
  throw new RegistryError(
    'invalid_version',
    `"${text}" is no release; a prompt is retired with a semantic version such as 1.3.0.`,
  )
}
