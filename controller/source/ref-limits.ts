import { type SourceError, sourceError } from './source-error.ts'

export interface RefLimits {
  /** Tags, release branches and refs with evidence. */
  readonly refs: number
  /** Bytes of git's whole output, including other branches. */
  readonly bytes: number
}

/**
 * More tags than the largest public repositories have. They take about 40 MB of memory, and each pass compares
 * them all. The bytes allow 100,000 annotated tags with names of 250 characters.
 */
export const REF_LIMITS: RefLimits = { refs: 100_000, bytes: 64 * 1024 * 1024 }

export function tooManyRefs({ refs }: Pick<RefLimits, 'refs'>): SourceError {
  const happened = `The repository lists more than ${refs.toLocaleString('en')} tags, release branches and refs with evidence.`
  return sourceError('too_large', happened, {
    next: 'Delete unneeded ones, or narrow the release branches of this source.',
  })
}
