/** The environment variables named in a part of the configuration, under keys that end in `Env`. */
export function variablesIn(part: unknown): string[] {
  if (part === null || typeof part !== 'object') return []
  return Object.entries(part).flatMap(([key, value]) =>
    key.endsWith('Env') && typeof value === 'string' ? [value] : variablesIn(value),
  )
}
