import { compareReleases } from '../../api/contract/release.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { DesiredVersion } from '../prompts/read-files.ts'
import { LAYOUT_FILE } from '../prompts/repository-layout.ts'
import type { DesiredRelease, PlanInput } from './plan-input.ts'
import { type KnownVersion, PromptView } from './prompt-view.ts'

type GitVersions = Pick<PlanInput, 'drafts' | 'releases' | 'gone'>
type FirstReading = NonNullable<KnownVersion['reading']>

export interface KeptReadings extends GitVersions {
  /** Files of the branch that are read as before, or kept out. */
  readonly files: readonly DifferingVersion[]
  /** Releases that are, too. */
  readonly tags: readonly DifferingRelease[]
}

export type DifferingRelease = DifferingVersion<DesiredRelease> & { readonly isNewest: boolean }

/** A file with the bytes of a version that was read in another way. */
export interface DifferingVersion<Version extends DesiredVersion = DesiredVersion> {
  readonly version: Version
  readonly reading: FirstReading
  readonly what: 'content' | 'format' | 'templateLanguage'
}

/**
 * An extension is not part of a version, so a file that comes back under another one is the same version and keeps its
 * first reading. One whose front matter would end elsewhere has other content, so it is kept out. Pure.
 */
export function keepReadings(
  versions: GitVersions,
  { source, registry, prereleases }: Pick<PlanInput, 'source' | 'registry'> & { prereleases: boolean },
): KeptReadings {
  const drafts = new Map(versions.drafts.map((draft) => [draft.id, draft]))
  const files: DifferingVersion[] = []
  const tags: DifferingRelease[] = []
  for (const id of new Set([...drafts.keys(), ...versions.releases.keys()])) {
    const view = new PromptView(registry.get(id))
    const owner = view.row?.source ?? source
    if (owner !== source) continue
    const draft = drafts.get(id)
    const releases = versions.releases.get(id) ?? []
    const oldestFirst = [...releases].reverse()
    const differing = differingFrom(view, draft === undefined ? oldestFirst : [...oldestFirst, draft])
    if (draft !== undefined) files.push(...differing(draft))
    const newest = releases.find(({ prerelease }) => prereleases || !prerelease)
    const highest = view.row?.highest_release ?? null
    const isNewest = (one: DesiredRelease) =>
      one === newest && (highest === null || compareReleases(one.release, highest) >= 0)
    for (const release of releases)
      tags.push(...differing(release).map((one) => ({ ...one, isNewest: isNewest(release) })))
  }
  const all = new Map<DesiredVersion, DifferingVersion>([...files, ...tags].map((one) => [one.version, one]))
  const kept = <Version extends DesiredVersion>(version: Version): Version[] => {
    const differing = all.get(version)
    if (differing === undefined) return [version]
    return isCut(differing) ? [] : [{ ...version, ...asRead(differing.reading) }]
  }
  return {
    drafts: versions.drafts.flatMap(kept),
    releases: new Map([...versions.releases].map(([id, released]) => [id, released.flatMap(kept)])),
    gone: versions.gone,
    ...{ files, tags },
  }
}

/** Whether the registry has the bytes of a version with its front matter cut elsewhere. */
export function isCutElsewhere(view: PromptView, version: DesiredVersion): boolean {
  const reading = view.version(version.identity)?.reading ?? null
  return reading !== null && differenceOf(reading, version) === 'content'
}

/**
 * The registry's reading counts; of bytes that it does not have, that of the first version. So a registry that is built
 * from git again has the same readings.
 */
function differingFrom(view: PromptView, versions: readonly DesiredVersion[]) {
  const first = new Map<string, FirstReading | null>()
  for (const { identity, ...version } of versions) {
    const known = view.version(identity)
    if (known !== undefined) first.set(identity, known.status === 'revoked' ? null : known.reading)
    else if (!first.has(identity)) first.set(identity, readingOf(version))
  }
  return <Version extends DesiredVersion>(version: Version): DifferingVersion<Version>[] => {
    const reading = first.get(version.identity) ?? null
    const what = reading === null ? null : differenceOf(reading, version)
    return reading === null || what === null ? [] : [{ version, reading, what }]
  }
}

type ReadAs = Pick<DesiredVersion, 'format' | 'templateLanguage' | 'contentSha256' | 'payloadSha256'>

function readingOf({ format, templateLanguage, contentSha256, payloadSha256 }: ReadAs): FirstReading {
  return {
    ...{ format, template_language: templateLanguage },
    ...{ content_sha256: contentSha256, payload_sha256: payloadSha256 },
  }
}

function asRead({ format, template_language, content_sha256, payload_sha256 }: FirstReading): ReadAs {
  return {
    ...{ format, templateLanguage: template_language },
    ...{ contentSha256: content_sha256, payloadSha256: payload_sha256 },
  }
}

function differenceOf(reading: FirstReading, version: ReadAs): DifferingVersion['what'] | null {
  if (reading.content_sha256 !== version.contentSha256) return 'content'
  if (reading.format !== version.format) return 'format'
  return reading.template_language === version.templateLanguage ? null : 'templateLanguage'
}

/** Whether a version is kept out. */
export function isCut({ what }: Pick<DifferingVersion, 'what'>): boolean {
  return what === 'content'
}

export function fileFinding(one: DifferingVersion): NewFinding {
  const { id, path, blob, version } = one.version
  const next = oneOf(`Change the file`, settingFor(one))
  const message = `${sentence(one)} ${next}`
  const details = { id, blob, version, kept_out: isCut(one) }
  return { code: 'format_differs', subject: { kind: 'file', name: path }, message, details }
}

const MOST_IDS = 200

/** One finding per tag. It is a problem only if agents miss the newest release, or get it in another reading. */
export function differingTags(all: readonly DifferingRelease[]): NewFinding[] {
  return [...Map.groupBy(all, ({ version }) => version.tag)].flatMap(([tag, differing]) => {
    const [first, ...others] = differing.toSorted((a, b) => Number(b.isNewest) - Number(a.isNewest))
    if (first === undefined) return []
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`
    const next = first.isNewest
      ? `${more} Change the file, and release it under a new version.`
      : `${more} Earlier releases stay as they are.`
    return {
      code: first.isNewest ? 'format_differs' : 'tag_format_differs',
      subject: { kind: 'tag', name: tag },
      message: `Tag ${tag}: ${sentence(first)}${next}`,
      details: { ids: differing.map(({ version }) => version.id).slice(0, MOST_IDS) },
    }
  })
}

function sentence({ version, reading, what }: DifferingVersion): string {
  const { path, version: label, format, templateLanguage } = version
  const same = `${path} has the bytes of version ${label}, which was read as`
  switch (what) {
    case 'content':
      return `${same} ${reading.format}. As ${format} its content would start elsewhere, so the file is kept out.`
    case 'format':
      return `${same} ${reading.format}, not ${format}. The version keeps that reading.`
    case 'templateLanguage':
      return `${same} ${languageName(reading.template_language)}, not ${languageName(templateLanguage)}. The version keeps that reading.`
    default:
      return what satisfies never
  }
}

function languageName(language: DesiredVersion['templateLanguage']): string {
  return language === null ? 'text without a template language' : `${language} text`
}

/** The setting of the layout that makes another version of the same bytes; `null` if there is none. */
function settingFor({ version, what }: DifferingVersion): string | null {
  if (what !== 'templateLanguage') return `format: ${version.format}`
  return version.templateLanguage === null ? null : `templateLanguage: ${version.templateLanguage}`
}

function oneOf(change: string, setting: string | null): string {
  return setting === null
    ? `${change}, or rename it back.`
    : `${change}, or set ${setting} in ${LAYOUT_FILE}.`
}
