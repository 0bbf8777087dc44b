import { RegistryError } from '../contract/errors.ts'
import { parsePromptId } from '../contract/prompt-id.ts'
import type {
  AliasRequest,
  PromoteRequest,
  PushAnswer,
  PushRequest,
  RegistryApi,
  RevokeAnswer,
  RevokeRequest,
  RollbackRequest,
} from '../contract/registry-api.ts'
import { parseVersionName, versionNameKey } from '../contract/version-name.ts'
import type { Snapshot, VersionRecord } from '../store/records.ts'
import { decideAlias } from './alias.ts'
import { requireAdmin } from './authority.ts'
import { askForFullPass } from './change-source.ts'
import { existing, refuseRevision, versionNamed } from './guards.ts'
import { decideHold, decideUnhold } from './hold.ts'
import { type SourceGuard, sourceGuard } from './source-guard.ts'
import { lostStable, withLost } from './lost-version.ts'
import { actOf, type OperationContext } from './operation-context.ts'
import { decideTransfer } from './owner.ts'
import { decidePromote, namesOf } from './promote.ts'
import type { EditStep } from './prompt-edit.ts'
import { decidePush, pushQuery } from './push.ts'
import { checkPush } from './push-checks.ts'
import { pushedVersion } from './pushed-version.ts'
import { decideRevoke, revocationAnswer } from './revoke.ts'
import { decideRollback, unconfirmedRollback } from './rollback.ts'
import { highestNamed, rollbackTarget } from './rollback-target.ts'
import { requireKnown } from './source-operations.ts'
import { transact } from './transact.ts'

type Emergencies = Pick<RegistryApi, 'rollback' | 'revoke' | 'hold' | 'unhold' | 'transfer'>

/**
 * The writes of a source. `guard` checks the source's lease right before each decision, because a write may have
 * waited for others or for its process to resume. Each write has its own guard unless one is shared.
 */
export function releaseOperations(context: OperationContext, shared?: SourceGuard) {
  const { prompts, caller } = context
  const newGuard = () => shared ?? sourceGuard(context, caller)
  return {
    async push(request: PushRequest): Promise<PushAnswer> {
      checkPush(request)
      const guard = newGuard()
      const push = await pushedVersion(request)
      return await transact(context, request.prompt_id, async (snapshot) => {
        const found = await prompts.find(request.prompt_id, pushQuery(push))
        await guard.lease(request.origin?.source, request.lease_token)
        return decidePush(push, snapshot, found, caller, actOf(context, request.reason))
      })
    },
    async promote(id: string, request: PromoteRequest) {
      checkNames(id, request.version, request.alias)
      const guard = newGuard()
      let freed: string | null = null
      const answer = await transact(context, id, async (snapshot) => {
        const found = await prompts.find(id, { names: namesOf(request) })
        const lost = await lostStable(prompts, snapshot, request.version, found)
        await guard.lease(request.source, request.lease_token)
        const isBound = request.source !== undefined && request.override !== true
        const sourceHold = isBound ? await guard.hold(request.source) : null
        const act = actOf(context, request.reason)
        const step = decidePromote(id, request, snapshot, withLost(found, lost), caller, act, {
          lost,
          inputs: context.settings.inputs,
          sourceHold,
        })
        freed = endsHold(snapshot, step) ? (snapshot?.head.owner ?? null) : null
        return step
      })
      // Other releases may have waited for the hold to end.
      await askForFullPass(context, freed)
      return answer
    },
    async addAlias(id: string, request: AliasRequest) {
      checkNames(id, request.version, request.alias)
      const guard = newGuard()
      return await transact(context, id, async (snapshot) => {
        const found = await prompts.find(id, { names: namesOf(request) })
        await guard.lease(request.source, request.lease_token)
        return decideAlias(id, request, snapshot, found, caller, actOf(context, request.reason))
      })
    },
  }
}

function endsHold(snapshot: Snapshot | undefined, { change }: EditStep<unknown>): boolean {
  return (snapshot?.head.hold ?? null) !== null && change !== null && change.head.hold === null
}

function checkNames(id: string, ...names: readonly (string | undefined)[]): void {
  parsePromptId(id)
  for (const name of names) if (name !== undefined) parseVersionName(name)
}

/** Operations open to every writer regardless of the owner, and the transfer of ownership. */
export function emergencyOperations(context: OperationContext): Emergencies {
  const { prompts, caller } = context
  const change = async <A>(id: string, decide: (snapshot: Snapshot) => EditStep<A> | Promise<EditStep<A>>) =>
    await transact(context, parsePromptId(id), async (snapshot) => decide(existing(id, snapshot)))
  return {
    async rollback(id, request) {
      let wasHeld = false
      let target: VersionRecord | null = null
      let isMade = false
      try {
        const answer = await change(id, async (snapshot) => {
          wasHeld = snapshot.head.hold !== null
          refuseRevision(snapshot.head, request.expected_revision)
          const [chosen, named] = await Promise.all([
            targetOf(context, snapshot, request),
            highestNamed(prompts, snapshot.head),
          ])
          target = chosen
          return decideRollback(snapshot, target, named, request, actOf(context, request.reason))
        })
        isMade = true
        // Releases that the old hold kept back may be allowed under the new one.
        if (wasHeld) await askForFullPass(context, await ownerOf(id))
        return answer
      } catch (error) {
        throw unconfirmedRollback(error, target, isMade)
      }
    },
    async revoke(id, request) {
      parseVersionName(request.version)
      if (request.dry_run === true) return await foreseeRevocation(context, id, request)
      let expected = request.expected_revision
      let changed = false
      for (;;) {
        const { answer, isLast } = await change(id, async (snapshot) => {
          refuseRevision(snapshot.head, expected)
          const revocation = await revocationOf(context, snapshot, request)
          const { now, isLast } = revokedNow(revocation.covered)
          const act = actOf(context, request.reason)
          const step = decideRevoke(snapshot, { ...revocation, versions: now }, caller, act)
          return { ...step, answer: { answer: step.answer, isLast } }
        })
        changed ||= answer.changed
        if (isLast) {
          // Content that git still has can no longer be pushed, which the source must report. A repeat may follow
          // a revocation whose answer was lost.
          await askForFullPass(context, await ownerOf(id))
          return { ...answer, changed }
        }
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
      const before = await ownerOf(id)
      const { source, create = false } = request
      if (source !== null && source !== before && !create) await requireKnown(context, source)
      const answer = await change(id, (snapshot) =>
        decideTransfer(snapshot, request, actOf(context, request.reason)),
      )
      for (const source of new Set([before, answer.source])) await askForFullPass(context, source)
      return answer
    },
  }

  async function ownerOf(id: string): Promise<string | null> {
    return (await prompts.snapshot(id))?.head.owner ?? null
  }
}

/** A store limits the rows per step. Each revoked version takes two rows, and its event takes two. */
const REVOKED_AT_ONCE = 20

/** The versions to revoke in one step, stable first, so that it goes out of service with the first step. */
function revokedNow(covered: readonly VersionRecord[]) {
  const there = covered.filter(({ status }) => status !== 'revoked')
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
  return await rollbackTarget(prompts, head, stable, (version) => version.identity !== stable.identity)
}

async function revocationOf({ prompts }: OperationContext, snapshot: Snapshot, request: RevokeRequest) {
  const { head, stable } = snapshot
  const named = await prompts.find(head.promptId, { names: [versionNameKey(request.version)] })
  const target = versionNamed(head.promptId, request.version, named)
  const scope = request.scope ?? 'content'
  const covers = (version: VersionRecord) =>
    scope === 'content'
      ? version.contentSha256 === target.contentSha256
      : version.identity === target.identity
  const { sameContent } = await prompts.find(head.promptId, { contents: [target.contentSha256] })
  const fallback =
    stable !== null && covers(stable)
      ? await rollbackTarget(prompts, head, stable, (version) => !covers(version))
      : null
  return { target, scope, covered: sameContent.filter(covers), fallback }
}

/** The result of a revocation as a dry run. */
async function foreseeRevocation(
  context: OperationContext,
  id: string,
  request: RevokeRequest,
): Promise<RevokeAnswer> {
  const snapshot = existing(id, await context.prompts.snapshot(parsePromptId(id)))
  const { head, stable } = snapshot
  const revocation = await revocationOf(context, snapshot, request)
  const open = revocation.covered.filter(({ status }) => status !== 'revoked')
  const losesStable = open.some(({ version }) => version === stable?.version)
  return revocationAnswer(head, revocation, {
    changed: open.length > 0,
    stable: losesStable ? revocation.fallback : stable,
  })
}
