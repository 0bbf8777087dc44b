import { RegistryError } from '../contract/errors.ts'
import { parsePromptId } from '../contract/prompt-id.ts'
import type {
  AliasRequest,
  PromoteRequest,
  PushAnswer,
  PushRequest,
  RegistryApi,
  RevokeRequest,
  RollbackRequest,
} from '../contract/registry-api.ts'
import { parseVersionName, versionNameKey } from '../contract/version-name.ts'
import type { Snapshot, VersionRecord } from '../store/records.ts'
import { decideAlias } from './alias.ts'
import { requireAdmin } from './authority.ts'
import { existing, refuseRevision, versionNamed } from './guards.ts'
import { decideHold, decideUnhold } from './hold.ts'
import { type LeaseGuard, leaseGuard } from './lease-guard.ts'
import { actOf, type OperationContext } from './operation-context.ts'
import { decideTransfer } from './owner.ts'
import { decidePromote, namesOf } from './promote.ts'
import type { Step } from './prompt-edit.ts'
import { decidePush, preparePush } from './push.ts'
import { checkPush } from './push-checks.ts'
import { decideRevoke } from './revoke.ts'
import { decideRollback } from './rollback.ts'
import { rollbackTarget } from './rollback-target.ts'
import { askForFullPass } from './source-operations.ts'
import { transact } from './transact.ts'

type Emergencies = Pick<RegistryApi, 'rollback' | 'revoke' | 'hold' | 'unhold' | 'transfer'>

/**
 * The writes that a source makes. `guard` checks the source's lease last before a decision: the time that a write
 * waited for others, or for its process to wake up, counts. Each write has its own guard but where one is shared.
 */
export function releaseOperations(context: OperationContext, shared?: LeaseGuard) {
  const { prompts, caller, queues } = context
  const newGuard = () => shared ?? leaseGuard(context, caller)
  return {
    async push(request: PushRequest): Promise<PushAnswer> {
      checkPush(request)
      const guard = newGuard()
      const push = preparePush(request)
      const query = {
        names: [versionNameKey(push.label)],
        identity: push.identity,
        contentSha256: push.contentSha256,
      }
      return await transact(context, queues, request.prompt_id, async (snapshot) => {
        const found = await prompts.find(request.prompt_id, query)
        await guard(request.origin?.source, request.lease_token)
        return decidePush(push, snapshot, found, caller, actOf(context, request.reason))
      })
    },
    async promote(id: string, request: PromoteRequest) {
      checkNames(id, request.version, request.alias)
      const guard = newGuard()
      let freed: string | null = null
      const answer = await transact(context, queues, id, async (snapshot) => {
        const found = await prompts.find(id, { names: namesOf(request) })
        await guard(request.source, request.lease_token)
        const step = decidePromote(id, request, snapshot, found, caller, actOf(context, request.reason))
        freed = endsHold(snapshot, step) ? (snapshot?.head.owner ?? null) : null
        return step
      })
      // Other releases may have waited for the end of the hold.
      await askForFullPass(context, freed)
      return answer
    },
    async addAlias(id: string, request: AliasRequest) {
      checkNames(id, request.version, request.alias)
      const guard = newGuard()
      return await transact(context, queues, id, async (snapshot) => {
        const found = await prompts.find(id, { names: namesOf(request) })
        await guard(request.source, request.lease_token)
        return decideAlias(id, request, snapshot, found, caller, actOf(context, request.reason))
      })
    },
  }
}

function endsHold(snapshot: Snapshot | undefined, { change }: Step<unknown>): boolean {
  return (snapshot?.head.hold ?? null) !== null && change !== null && change.head.hold === null
}

function checkNames(id: string, ...names: readonly (string | undefined)[]): void {
  parsePromptId(id)
  for (const name of names) if (name !== undefined) parseVersionName(name)
}

/** What every writer may do, whoever owns the prompt, and the transfer of one. */
export function emergencyOperations(context: OperationContext): Emergencies {
  const { prompts, caller, queues } = context
  const change = async <A>(id: string, decide: (snapshot: Snapshot) => Step<A> | Promise<Step<A>>) =>
    await transact(context, queues, parsePromptId(id), async (snapshot) => decide(existing(id, snapshot)))
  return {
    async rollback(id, request) {
      let wasHeld = false
      const answer = await change(id, async (snapshot) => {
        wasHeld = snapshot.head.hold !== null
        refuseRevision(snapshot.head, request.expected_revision)
        return decideRollback(
          snapshot,
          await targetOf(context, snapshot, request),
          request,
          actOf(context, request.reason),
        )
      })
      // What the hold kept that was there before may be free under the new one.
      if (wasHeld) await askForFullPass(context, await ownerOf(id))
      return answer
    },
    async revoke(id, request) {
      parseVersionName(request.version)
      let expected = request.expected_revision
      let changed = false
      for (;;) {
        const { answer, isLast } = await change(id, async (snapshot) => {
          refuseRevision(snapshot.head, expected)
          const { target, sameText, fallback } = await revocationOf(context, snapshot, request)
          const { now, isLast } = revokedNow(sameText)
          const step = decideRevoke(snapshot, target, now, fallback, caller, actOf(context, request.reason))
          const revoked = sameText.map(({ label }) => label)
          return { change: step.change, answer: { answer: { ...step.answer, revoked }, isLast } }
        })
        changed ||= answer.changed
        if (isLast) return { ...answer, changed }
        expected = undefined
      }
    },
    hold: (id, request) => change(id, (snapshot) => decideHold(snapshot, actOf(context, request.reason))),
    async unhold(id, request) {
      const answer = await change(id, (snapshot) => decideUnhold(snapshot, actOf(context, request.reason)))
      await askForFullPass(context, await ownerOf(id))
      return answer
    },
    async transfer(id, request) {
      requireAdmin(caller, 'A transfer')
      const answer = await change(id, (snapshot) =>
        decideTransfer(snapshot, request, actOf(context, request.reason)),
      )
      await askForFullPass(context, answer.source)
      return answer
    },
  }

  async function ownerOf(id: string): Promise<string | null> {
    return (await prompts.snapshot(id))?.head.owner ?? null
  }
}

/** A store takes so many rows in one step; each version that is revoked is one, and its event another. */
const REVOKED_AT_ONCE = 40

/** Which versions of one text a step revokes: the stable one first, so that it is out of service with the first step. */
function revokedNow(sameText: readonly VersionRecord[]) {
  const there = sameText.filter(({ status }) => status !== 'revoked')
  const ordered = there.sort((a, b) => Number(b.status === 'stable') - Number(a.status === 'stable'))
  return { now: ordered.slice(0, REVOKED_AT_ONCE), isLast: ordered.length <= REVOKED_AT_ONCE }
}

async function targetOf(
  { prompts }: OperationContext,
  snapshot: Snapshot,
  request: RollbackRequest,
): Promise<VersionRecord | null> {
  const { head, stable } = snapshot
  if (request.version !== undefined) {
    const key = versionNameKey(parseVersionName(request.version))
    return versionNamed(head.promptId, request.version, await prompts.find(head.promptId, { names: [key] }))
  }
  if (stable === null) {
    throw new RegistryError(
      'nothing_to_roll_back_to',
      `The prompt "${head.promptId}" has no stable version to roll back from; promote one, or name a released one.`,
    )
  }
  return await rollbackTarget(
    prompts,
    head,
    stable,
    (version) => version.contentSha256 !== stable.contentSha256 || version.identity !== stable.identity,
  )
}

async function revocationOf({ prompts }: OperationContext, snapshot: Snapshot, request: RevokeRequest) {
  const { head, stable } = snapshot
  const named = await prompts.find(head.promptId, { names: [versionNameKey(request.version)] })
  const target = versionNamed(head.promptId, request.version, named)
  const { contentSha256 } = target
  const { sameContent } = await prompts.find(head.promptId, { contentSha256 })
  const fallback =
    stable?.contentSha256 === contentSha256
      ? await rollbackTarget(prompts, head, stable, (version) => version.contentSha256 !== contentSha256)
      : null
  return { target, sameText: sameContent, fallback }
}
