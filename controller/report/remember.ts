/** Sets a value as the newest, and drops the oldest beyond `most`. */
export function remember<Key, Value>(known: Map<Key, Value>, key: Key, value: Value, most: number): void {
  known.delete(key)
  known.set(key, value)
  for (const oldest of known.keys()) if (known.size > most) known.delete(oldest)
}
