import { canonicalJson, type Json } from '../contract/version.ts'
import type { PromptEvent, VersionRecord } from '../store/records.ts'

/** The parts of a version that an event names if they changed. */
const PARTS = {
  content: ({ contentSha256 }) => contentSha256,
  inputs: ({ variables }) => variables,
  config: ({ config }) => config,
  description: ({ description }) => description,
  tags: ({ tags }) => tags,
  format: ({ format, templateLanguage }) => [format, templateLanguage],
  files: ({ sidecars, manifest }) => [sidecars?.texts ?? null, manifest?.sha256 ?? null],
} as const satisfies Readonly<Record<string, (version: VersionRecord) => Json>>

/** The event details of a change of the stable version. Without an earlier one there are none. */
export function partDetails(
  before: VersionRecord | null,
  after: VersionRecord,
): NonNullable<PromptEvent['details']> {
  if (before === null) return {}
  const changed = Object.entries(PARTS).filter(
    ([, part]) => canonicalJson(part(before)) !== canonicalJson(part(after)),
  )
  return { changed: changed.map(([name]) => name) }
}
