/** The author, committer or tagger of an object. */
export interface Identity {
  /** `Name <address>`, unchanged. */
  readonly who: string
  /** ISO 8601, UTC; `null` if the time is missing or invalid. */
  readonly at: string | null
}

/** Reads `Name <address> <seconds since 1970> <zone>`. */
export function parseIdentity(line: string): Identity {
  const words = line.split(' ')
  const [zone = '', seconds = ''] = [words.pop(), words.pop()]
  if (!/^[+-]\d+$/.test(zone) || !/^\d+$/.test(seconds)) return { who: line, at: null }
  return { who: words.join(' '), at: isoTime(Number(seconds)) }
}

/** The value of the first header with this name. */
export function headerOf(headers: string, name: string): string | undefined {
  const line = headers.split('\n').find((one) => one.startsWith(`${name} `))
  return line?.slice(name.length + 1)
}

/** The headers of a commit or tag object, decoded with the encoding that it names. */
export function headersOf(bytes: Buffer): string {
  const end = bytes.indexOf('\n\n')
  const headers = bytes.subarray(0, end < 0 ? undefined : end)
  const encoding = headerOf(headers.toString('latin1'), 'encoding') ?? 'utf-8'
  try {
    return new TextDecoder(encoding).decode(headers)
  } catch {
    return headers.toString()
  }
}

function isoTime(seconds: number): string | null {
  return seconds <= 8.64e12 ? new Date(seconds * 1000).toISOString() : null
}
