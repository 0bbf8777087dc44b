import { identityLabel, versionIdentity } from '../../../api/contract/version.ts'

/** What a file of a random history may hold. */
export interface FileText {
  readonly bytes: Uint8Array
  /** The version that it is; `null` where it cannot become one. */
  readonly version: {
    readonly label: string
    readonly content: string
    readonly description: string | null
  } | null
}

function text(
  raw: string,
  content: string,
  description: string | null = null,
  config?: { model: string },
): FileText {
  const label = identityLabel(versionIdentity({ content, config }))
  return { bytes: Buffer.from(raw), version: { label, content, description } }
}

/** Few, so that texts come back; with texts that differ only in what is no content. */
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

export type TextName = keyof typeof TEXTS

export function textOf(name: TextName): FileText {
  return TEXTS[name]
}
