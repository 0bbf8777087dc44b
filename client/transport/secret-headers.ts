/** What must not be told of the headers that a transport adds: their values, and of a token not its scheme. */
export function secretsOf(headers: Readonly<Record<string, string>>): string[] {
  return Object.values(headers).map((value) => /^\S+ +(\S.*)$/.exec(value)?.[1] ?? value)
}
