import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { VersionName } from '../../contract/version-name.ts'
import type { Change } from '../records.ts'
import { hashedTextKey } from './keys.ts'
import type { StoredVersion } from './rows.ts'
import type { SeededPrompts } from './seeded.ts'
import { claimsOf, type SeededPrompt, type SeededVersion } from './seeded-prompt.ts'
import type { Texts } from './texts.ts'
import { indexWrites, nameWrites, type SeenRow, versionWrite } from './writes.ts'

interface AdoptedVersion {
  /** With its text where Terraform does not reach it. */
  readonly stored: StoredVersion
  /** What the row said when the change was planned; a row that says something else by now refuses it. */
  readonly seen: SeenRow
}

/** What makes a seeded prompt the registry's own, together with the first change of it. */
export interface Adoption {
  readonly prompt: SeededPrompt
  readonly versions: ReadonlyMap<VersionName, AdoptedVersion>
}

/**
 * Copies the texts of a seeded prompt to keys of our own; `undefined` where the change was decided on other rows or
 * texts than there are now.
 */
export async function planAdoption(
  storage: { readonly texts: Texts; readonly seeded: SeededPrompts },
  prompt: SeededPrompt,
  change: Change,
): Promise<Adoption | undefined> {
  const adopted = prompt.versions.map(async (seeded) => {
    const stored = await copied(storage, prompt.id, seeded)
    return [seeded.label, { stored, seen: seeded.seen }] as const
  })
  const versions = new Map(await Promise.all(adopted))
  return fits(change, versions) ? { prompt, versions } : undefined
}

/** The rows of an adoption besides the versions that the change itself writes. The same writes may come twice. */
export function adoptionWrites(
  table: string,
  { prompt, versions }: Adoption,
  written: ReadonlySet<VersionName>,
): TransactWriteItem[] {
  const { id } = prompt
  return [
    ...[...versions.values()].flatMap(({ stored, seen }) => [
      ...(written.has(stored.version.label) ? [] : [versionWrite(table, id, stored, seen)]),
      ...indexWrites(table, id, stored.version),
    ]),
    ...claimsOf(prompt).flatMap((claim) => nameWrites(table, id, claim)),
  ]
}

/** A change of seeded versions is one of exactly these versions with exactly these texts. */
function fits(change: Change, versions: ReadonlyMap<VersionName, AdoptedVersion>): boolean {
  const added = change.versions.filter(({ label }) => !versions.has(label))
  const same = change.versions.every((version) => {
    const there = versions.get(version.label)?.stored.version
    return there === undefined || there.contentSha256 === version.contentSha256
  })
  return same && change.head.versionCount === versions.size + added.length
}

/** A version whose text is lost stays where it is: there is nothing to copy. */
async function copied(
  { texts, seeded }: { readonly texts: Texts; readonly seeded: SeededPrompts },
  id: string,
  version: SeededVersion,
): Promise<StoredVersion> {
  const { stored, text } = await seeded.read(id, version)
  const { label, contentSha256 } = stored.version
  const s3Key = hashedTextKey(id, label, contentSha256)
  if (text === null || version.s3Key === s3Key) return stored
  return { ...stored, s3Key: await texts.storeHashed(id, label, contentSha256, text) }
}
