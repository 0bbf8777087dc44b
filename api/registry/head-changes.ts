import { LIMITS } from '../contract/limits.ts'
import type { PromptId } from '../contract/prompt-id.ts'
import type { Head, VersionRecord } from '../store/records.ts'

/** The head of a prompt without versions. */
export function newHead(promptId: PromptId, at: string): Head {
  return {
    promptId,
    revision: 0,
    stable: null,
    stableBy: null,
    withdrawn: null,
    latest: null,
    latestBy: null,
    owner: null,
    hold: null,
    rolledBack: [],
    highest: null,
    fences: {},
    versionCount: 0,
    createdAt: at,
    updatedAt: at,
  }
}

/** Removes everything that readers see. Revocations, rollbacks and the hold stay. */
export function deletedHead(head: Head, at: string, actor: string): Head {
  const { archived: _, movedTo: __, retired: ___, ...kept } = head
  return {
    ...kept,
    stable: null,
    stableBy: null,
    withdrawn: null,
    latest: null,
    latestBy: null,
    highest: null,
    deleted: { at, actor, source: head.owner },
  }
}

/** `movedTo`: the id under which the source has the prompt now; `null` if it has none. */
export function archivedHead(head: Head, movedTo: PromptId | null): Head {
  return { ...unarchivedHead(head), archived: true, ...(movedTo !== null && { movedTo }) }
}

export function unarchivedHead({ archived: _, movedTo: __, ...head }: Head): Head {
  return head
}

/** The rollbacks to remember after one from `version` to `target`, newest first. */
export function rollbacksAfter(
  { rolledBack }: Head,
  version: VersionRecord | null,
  target: VersionRecord,
): Head['rolledBack'] {
  const others = rolledBack.filter(
    ({ payloadSha256 }) => payloadSha256 !== target.payloadSha256 && payloadSha256 !== version?.payloadSha256,
  )
  const one = version === null ? [] : [{ version: version.version, payloadSha256: version.payloadSha256 }]
  return [...one, ...others].slice(0, LIMITS.rolledBack)
}

/** Whether a person rolled back from the version, or from a copy of it with another comment. */
export function isRolledBack({ rolledBack }: Head, { payloadSha256 }: VersionRecord): boolean {
  return rolledBack.some((one) => one.payloadSha256 === payloadSha256)
}
