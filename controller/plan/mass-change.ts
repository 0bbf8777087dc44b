import { firstNames } from '../../api/contract/first-names.ts'

/** The size from which a change looks like an accident. */
export interface MassChangeLimits {
  /** Share of the source's prompts: more than 0, at most 1. */
  readonly share: number
  /** Fewer prompts than this are never a mass change. */
  readonly least: number
}

/** The effects of a pass on the source's existing prompts. */
export interface Upheaval {
  /** How many prompts the source had. */
  readonly prompts: number
  /** Ids that the branch no longer has. */
  readonly missing: readonly string[]
  /** Ids with a file that can no longer become a version. */
  readonly quarantined: readonly string[]
  /** Ids that would get another stable version. */
  readonly replaced: readonly string[]
  /** Ids that would lose their stable version. */
  readonly retired: readonly string[]
  /** How many prompts the source owns in the registry. */
  readonly owned: number
}

export interface MassChange {
  readonly prompts: number
  readonly missing: number
  readonly quarantined: number
  readonly replaced: number
  readonly retired: number
  /** A few of the affected ids. */
  readonly examples: readonly string[]
  /** What exceeds the limits, as a sentence. */
  readonly message: string
}

/** The prompts, among `had`, to which the files at these paths belong. Files that share an id are one prompt. */
export function promptsOfFiles(
  paths: readonly string[],
  ids: Pick<ReadonlyMap<string, string>, 'get'>,
  had: ReadonlySet<string>,
): string[] {
  const found = new Set(paths.flatMap((path) => ids.get(path) ?? []))
  return [...found].filter((id) => had.has(id))
}

const MOST_EXAMPLES = 5

/** The mass change, if a pass changes so many prompts at once that a person must confirm it; else `null`. */
export function judgeMassChange(upheaval: Upheaval, limits: MassChangeLimits): MassChange | null {
  const { prompts, missing, quarantined, replaced, retired, owned } = upheaval
  const kinds = [
    { names: missing, of: prompts, what: 'are gone from the branch' },
    { names: quarantined, of: prompts, what: 'have a file that cannot become a version' },
    { names: replaced, of: prompts, what: 'would get another stable version' },
    { names: retired, of: owned, what: 'would be taken out of service' },
  ].filter(({ names, of }) => names.length >= limits.least && names.length > limits.share * of)
  if (kinds.length === 0) return null
  const parts = kinds.map(
    ({ names, of, what }) => `${names.length} of ${of} prompts ${what} (${firstNames(names, MOST_EXAMPLES)})`,
  )
  return {
    prompts,
    missing: missing.length,
    quarantined: quarantined.length,
    replaced: replaced.length,
    retired: retired.length,
    examples: kinds.flatMap(({ names }) => names.slice(0, MOST_EXAMPLES)),
    message: `${parts.join(', and ')}.`,
  }
}
