import { parsePromptId } from '../contract/prompt-id.ts'
import { seededReferences } from '../contract/reference.ts'
import { versionNameKey } from '../contract/version-name.ts'
import type { PromptStore } from '../store/prompt-store.ts'
import type { Snapshot, VersionRecord } from '../store/records.ts'

/** Throws `invalid_prompt_id` for an id outside of the grammar that no row has. */
export async function findPrompt(prompts: PromptStore, id: string): Promise<Snapshot | undefined> {
  const isSeedable = seededReferences(id).some((reference) => reference.id === id)
  const snapshot = await prompts.snapshot(isSeedable ? id : parsePromptId(id))
  if (isSeedable && snapshot?.head.promptId !== id) parsePromptId(id)
  return snapshot
}

/** The version with this name; `undefined` if there is none. */
export async function findVersion(
  prompts: PromptStore,
  id: string,
  name: string,
): Promise<VersionRecord | undefined> {
  const key = versionNameKey(name)
  return (await prompts.find(id, { names: [key] })).byName.get(key)
}
