import type { EnvelopeDocument } from '../contract/attestation/dsse.ts'
import { RegistryError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { parsePromptId } from '../contract/prompt-id.ts'
import type { AttestAnswer, RegistryApi } from '../contract/registry-api.ts'
import type { EvidenceStore } from '../store/evidence-store.ts'
import type { Snapshot, StoredEvidence } from '../store/records.ts'
import type { Act } from './act.ts'
import { changeSource } from './change-source.ts'
import { existing } from './guards.ts'
import { actOf, type OperationContext } from './operation-context.ts'
import { type PostedEvidence, postedEvidence } from './posted-evidence.ts'
import { type EditStep, PromptEdit } from './prompt-edit.ts'
import { transact } from './transact.ts'
import { visibilityOf } from './visibility.ts'

/** The evidence that is posted to this registry. Both throw `not_offered` if the store has no place for it. */
export function evidenceOperations(context: OperationContext): Pick<RegistryApi, 'attest' | 'evidence'> {
  return {
    async attest(id, request) {
      const store = offered(context)
      const posted = postedEvidence(parsePromptId(id), request)
      let owner: string | null = null
      const answer = await transact(context, id, async (snapshot) => {
        const { head } = there(id, snapshot)
        owner = head.owner
        const { identity, sha256 } = posted.stored
        const { byIdentity } = await context.prompts.find(id, { identities: [identity] })
        const version = byIdentity.get(identity)?.version ?? null
        const isKnown = await store.has(id, sha256)
        return decideAttest(there(id, snapshot), posted, { version, isKnown }, actOf(context, undefined))
      })
      // Also after a repeat, which may follow an answer that was lost.
      await announce(context, owner)
      return answer
    },
    async evidence({ prompt_id: id, identity, payload_sha256: payload, limit, cursor }) {
      const store = offered(context)
      const promptId = parsePromptId(id)
      if (visibilityOf(context).hidesDrafts) return { prompt_id: id, evidence: [], next_cursor: null }
      const digests = [identity, payload].filter((digest) => digest !== undefined)
      const about = digests.length === 0 ? {} : { about: digests }
      const most = Number(limit ?? LIMITS.evidence)
      const { items, next } = await store.page({ promptId, limit: most, cursor, ...about })
      return { prompt_id: id, evidence: items.map(evidenceRow), next_cursor: next }
    },
  }
}

function offered({ evidence }: OperationContext): EvidenceStore {
  if (evidence !== undefined) return evidence
  throw new RegistryError(
    'not_offered',
    'This registry takes no evidence, because on AWS whoever may invoke it to write is its admin. Push the statement to git with promptctl attest, or require a check run of a GitHub App.',
  )
}

/** The prompt may be so new that no pass has pushed it yet. Throws `not_found`, `gone`. */
function there(id: string, snapshot: Snapshot | undefined): Snapshot {
  if (snapshot !== undefined) return existing(id, snapshot)
  throw new RegistryError(
    'not_found',
    `The registry has no prompt "${id}". Check the id; if the prompt is new, repeat this after the next pass of its source.`,
    { details: { prompt_id: id } },
  )
}

interface KnownEvidence {
  /** The label of the version that the statement is about; `null` if the registry has no such version. */
  readonly version: string | null
  /** The registry has the statement already. */
  readonly isKnown: boolean
}

/** Pure. */
function decideAttest(
  snapshot: Snapshot,
  { stored, details }: PostedEvidence,
  { version, isKnown }: KnownEvidence,
  act: Act,
): EditStep<AttestAnswer> {
  const { promptId } = snapshot.head
  const edit = new PromptEdit(snapshot, promptId, act)
  if (!isKnown) edit.log('attested', { to: version, details })
  const { identity, sha256 } = stored
  const step = edit.finish(() => ({ prompt_id: promptId, identity, version, sha256, created: !isKnown }))
  const evidence = { ...stored, actor: act.actor, at: act.at }
  return { ...step, change: step.change && { ...step.change, evidence } }
}

/** Lets the next pass of the source see that there is more evidence. */
async function announce(context: OperationContext, source: string | null): Promise<void> {
  if (source === null) return
  await changeSource(context, source, (record) => ({
    record: { ...record, evidence: (record.evidence ?? 0) + 1 },
    answer: undefined,
  }))
}

function evidenceRow({ identity, sha256, envelope, actor, at }: StoredEvidence) {
  return { identity, sha256, envelope: JSON.parse(envelope) as EnvelopeDocument, actor, at }
}
