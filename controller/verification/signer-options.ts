/** The restrictions of a key in allowed_signers. Times are milliseconds since the epoch. */
export interface AllowedSignerOptions {
  /** Patterns of the allowed namespaces; `null` allows all. */
  readonly namespaces: readonly string[] | null
  readonly validAfter: number | null
  readonly validBefore: number | null
}

/** Reads `namespaces="git",valid-after="20260101"`. Throws an `Error` with the problem. */
export function signerOptions(text: string): AllowedSignerOptions {
  const options = new Map(optionsIn(text))
  if (options.size < optionsIn(text).length) throw new Error('an option is repeated')
  const timeOf = (name: string) => {
    const value = options.get(name)
    return value === undefined ? null : timestamp(value)
  }
  const [validAfter, validBefore] = [timeOf('valid-after'), timeOf('valid-before')]
  if (validAfter !== null && validBefore !== null && validBefore <= validAfter)
    throw new Error('it is never valid: "valid-before" is not after "valid-after"')
  return { namespaces: options.get('namespaces')?.split(',') ?? null, validAfter, validBefore }
}

/** Whether a name matches a pattern (`*` and `?` are wildcards) and no negated pattern (`!`). */
export function fitsPatterns(name: string, patterns: readonly string[]): boolean {
  const fits = (pattern: string) => expression(pattern).test(name)
  if (patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern))
}

function expression(pattern: string): RegExp {
  const literal = pattern.replaceAll(/[\\^$+.()|[\]{}]/g, '\\$&')
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's')
}

const KNOWN = ['namespaces', 'valid-after', 'valid-before']

function optionsIn(text: string): [name: string, value: string][] {
  const parts = text.match(/(?:[^,"]|"[^"]*")+/g) ?? []
  return parts.map((part) => {
    const [, name = part, value = ''] = /^([^=]+)="([^"]*)"$/.exec(part) ?? []
    const known = name.toLowerCase()
    if (known === 'cert-authority')
      throw new Error('certificates ("cert-authority") are not supported; list the keys themselves')
    if (!KNOWN.includes(known) || value === '')
      throw new Error(`"${part}" is not a supported option with a value`)
    return [known, value]
  })
}

/** `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, with or without `Z`. Always UTC, as on a Lambda. */
function timestamp(text: string): number {
  const [, year, month, day, hour = '00', minute = '00', second = '00'] =
    /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z?$/.exec(text) ?? []
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(time)) throw new Error(`"${text}" is not a time such as 20260131 or 202601311200`)
  return time
}
