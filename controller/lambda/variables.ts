/** The environment variables that a part of the configuration names: by every key that ends in `Env`. */
export function variablesIn(part: unknown): string[] {
  if (part === null || typeof part !== 'object') return []
  return Object.entries(part).flatMap(([key, value]) =>
    key.endsWith('Env') && typeof value === 'string' ? [value] : variablesIn(value),
  )
}
