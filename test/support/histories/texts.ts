import { sha256 } from '../../../api/contract/version.ts'

/** Possible contents of a file in a random history. */
export interface FileText {
  readonly bytes: Uint8Array
  /** The version of the file; `null` if it cannot become one. */
  readonly version: TextVersion | null
}

export interface TextVersion {
  readonly label: string
  readonly content: string
  readonly description: string | null
  /** An identifier of the payload. */
  readonly payload: string
}

function text(
  raw: string,
  content: string,
  description: string | null = null,
  config: { model: string } | null = null,
): FileText {
  const payload = JSON.stringify([content, config])
  const label = sha256(raw).slice(0, 12)
  return { bytes: Buffer.from(raw), version: { label, content, description, payload } }
}

/** Few, so that contents recur; some differ only outside the content. */
export const TEXTS = {
  one: text('one\n', 'one\n'),
  two: text('two\n', 'two\n'),
  three: text('three\n', 'three\n'),
  four: text('four\n', 'four\n'),
  five: text('five\n', 'five\n'),
  'one, described': text('---\ndescription: first\n---\none\n', 'one\n', 'first'),
  'one, configured': text('---\nmodel: m\n---\none\n', 'one\n', null, { model: 'm' }),
  empty: { bytes: new Uint8Array(), version: null },
  binary: { bytes: Uint8Array.of(0xff, 0xfe, 0), version: null },
} as const satisfies Record<string, FileText>

/** Contents of a repository's layout file, not of a prompt. */
export const LAYOUTS = {
  'in prompts': 'directories: [prompts]\n',
  'in texts': 'directories: [texts]\n',
} as const

export type TextName = keyof typeof TEXTS
export type LayoutName = keyof typeof LAYOUTS

export function textOf(name: TextName): FileText {
  return TEXTS[name]
}
