/** An object of an event, not yet validated. */
export type Fields = Readonly<Record<string, unknown>>

/** Returns an object unchanged, and an empty object for anything else. */
export function record(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
