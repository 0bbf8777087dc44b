import { type Config, parseConfig } from '../config.ts'

/** What a store says of a document, to whoever knows the one with that tag. */
export type Fetched = 'unchanged' | { readonly text: string; readonly etag: string }

export interface SourcesDocumentParts {
  /** Where it lies, for messages. */
  readonly where: string
  /** Without a tag the answer is always a document. Rejects where it cannot be had. */
  readonly fetch: (etag: string | undefined) => Promise<Fetched>
  /** Told why what is in force is not what the store has now. */
  readonly problem: (error: unknown) => void
  /** How long what was asked for is good without asking again, in milliseconds. */
  readonly keepMs: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The configuration that is in force. Rejects with `ConfigError` where the first one that was found is wrong. */
export type SourcesDocument = () => Promise<Config>

interface InForce {
  readonly config: Config
  readonly etag: string
}

/** Asks for a newer document each time. One that cannot be had or used leaves the last good one in force. */
export function createSourcesDocument(parts: SourcesDocumentParts): SourcesDocument {
  const { where, fetch, problem, keepMs, now } = parts
  let inForce: InForce | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  return async () => {
    if (inForce !== undefined && now() - askedAt < keepMs) return inForce.config
    try {
      const fetched = await fetch(inForce?.etag)
      if (fetched !== 'unchanged') inForce = { config: parseConfig(fetched.text, where), etag: fetched.etag }
    } catch (error) {
      if (inForce === undefined) throw error
      problem(error)
    }
    askedAt = now()
    if (inForce === undefined) throw new Error(`${where} was said to be unchanged before it was ever read.`)
    return inForce.config
  }
}
