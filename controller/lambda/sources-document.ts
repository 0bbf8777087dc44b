import { type Config, parseConfig } from '../configuration/config.ts'

/** The result of a conditional read. */
export type Fetched = 'unchanged' | { readonly text: string; readonly etag: string }

export interface SourcesDocumentParts {
  /** The address of the document, for messages. */
  readonly where: string
  /** Reads the document unless it still has this ETag. Without one, always returns a document. */
  readonly fetch: (etag: string | undefined) => Promise<Fetched>
  /** Called with the reason if an older document stays in force. */
  readonly problem: (error: unknown) => void
  /** How long to use a document before checking for a newer one, in milliseconds. */
  readonly keepMs: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Returns the configuration in force. Rejects with `ConfigError` if the first document is invalid. */
export type SourcesDocument = () => Promise<Config>

interface InForce {
  readonly config: Config
  readonly etag: string
}

/** Checks for a newer document. If it is unreadable or invalid, the last good one stays in force. */
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
    if (inForce === undefined) throw new Error(`${where} was reported as unchanged before it was first read.`)
    return inForce.config
  }
}
