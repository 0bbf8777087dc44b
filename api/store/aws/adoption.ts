import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { VersionName } from '../../contract/version-name.ts'
import type { AtomicChange } from '../atomic-change.ts'
import { hashedTextKey } from './keys.ts'
import type { StoredVersion } from './record-json.ts'
import type { SeededPrompts } from './seeded.ts'
import { claimsOf, claimsOfLabel, type SeededPrompt, type SeededVersion } from './seeded-prompt.ts'
import type { Texts } from './texts.ts'
import { indexWrites, nameWrites, type SeenRow, versionWrite } from './writes.ts'

interface AdoptedVersion {
  /** Its content is stored at a key that Terraform does not manage. */
  readonly stored: StoredVersion
  /** The row when the change was planned. The write fails if the row has changed since. */
  readonly seen: SeenRow
}

/** Turns a seeded prompt into one of the registry, together with its first change. */
export interface Adoption {
  readonly prompt: SeededPrompt
  readonly versions: ReadonlyMap<VersionName, AdoptedVersion>
}

/**
 * Copies the content of a seeded prompt to keys of our own. `undefined` if rows or content changed since the
 * change was decided.
 */
export async function planAdoption(
  storage: { readonly texts: Texts; readonly seeded: SeededPrompts },
  prompt: SeededPrompt,
  change: AtomicChange,
): Promise<Adoption | undefined> {
  const adopted = prompt.versions.map(async (seeded) => {
    const stored = await copiedText(storage, prompt.id, seeded)
    return [seeded.version, { stored, seen: seeded.seen }] as const
  })
  const versions = new Map(await Promise.all(adopted))
  return fits(change, versions) ? { prompt, versions } : undefined
}

/** Writes all rows of an adoption except the versions that the change itself writes. Idempotent. */
export function adoptionWrites(
  table: string,
  { prompt, versions }: Adoption,
  written: ReadonlySet<VersionName>,
): TransactWriteItem[] {
  const { id } = prompt
  return [
    ...[...versions.values()].flatMap(({ stored, seen }) => [
      ...(written.has(stored.record.version) ? [] : [versionWrite(table, id, stored, seen)]),
      ...indexWrites(table, id, stored.record),
    ]),
    ...claimsOf(prompt).flatMap(({ version }) => {
      const record = versions.get(version)?.stored.record
      return record === undefined
        ? []
        : claimsOfLabel(record).flatMap((claim) => nameWrites(table, id, claim))
    }),
  ]
}

/** Whether the change is based on exactly these versions with exactly this content. */
function fits(change: AtomicChange, versions: ReadonlyMap<VersionName, AdoptedVersion>): boolean {
  const added = change.versions.filter(({ version }) => !versions.has(version))
  const same = change.versions.every((version) => {
    const there = versions.get(version.version)?.stored.record
    return there === undefined || there.contentSha256 === version.contentSha256
  })
  return same && change.head.versionCount === versions.size + added.length
}

/** A version with its content copied to a key of our own. If the content is lost, the key stays unchanged. */
export async function copiedText(
  { texts, seeded }: { readonly texts: Texts; readonly seeded: SeededPrompts },
  id: string,
  found: SeededVersion,
): Promise<StoredVersion> {
  const { stored, text } = await seeded.read(id, found)
  const { version, contentSha256 } = stored.record
  const s3Key = hashedTextKey(id, version, contentSha256)
  if (text === null || found.s3Key === s3Key) return stored
  return { ...stored, s3Key: await texts.storeHashed(id, version, contentSha256, text) }
}
