/** What must not be told of the headers that a transport adds: their values, and a token without its scheme. */
export function secretsOf(headers: Readonly<Record<string, string>>): string[] {
  return Object.values(headers).flatMap((value) => {
    const token = /^\S+ +(\S.*)$/.exec(value)?.[1]
    return token === undefined ? [value] : [value, token]
  })
}
