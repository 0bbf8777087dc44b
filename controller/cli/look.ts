import type { Writable } from 'node:stream'
import type { Runtime } from '../values/runtime.ts'
import { type CommonOptions, repeatedOptions } from './options.ts'
import { isTerminal } from './terminal.ts'

/** How a command prints its result. Set from the common options before its action. */
export interface Look {
  format: NonNullable<CommonOptions['output']>
  headers: boolean
  /** Loaded only for YAML. */
  toYaml: ((document: unknown) => string) | null
  /** The options that hints repeat, such as ` --config team.yaml`. */
  repeated: string
}

export function plainLook(): Look {
  return { format: 'table', headers: true, toYaml: null, repeated: '' }
}

export async function setLook(look: Look, options: CommonOptions): Promise<void> {
  const { output = 'table', headers = true } = options
  look.format = output
  look.headers = headers
  look.repeated = repeatedOptions(options)
  if (output !== 'yaml') return
  const { stringify } = await import('yaml')
  look.toYaml = (document) => stringify(document, { lineWidth: 0 })
}

/** The meaning of a colour. */
export type Meaning = 'good' | 'doubtful' | 'bad' | 'faint' | 'strong'

const CODES = { good: 32, doubtful: 33, bad: 31, faint: 2, strong: 1 } as const satisfies Record<
  Meaning,
  number
>

/** Colours text on a terminal, unless `NO_COLOR` is set (https://no-color.org). */
export function paint(
  { env }: Pick<Runtime, 'env'>,
  stream: Writable,
  meaning: Meaning | undefined,
  text: string,
): string {
  const isPlain = !isTerminal(stream) || (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb'
  return meaning === undefined || isPlain || text === '' ? text : `\u001b[${CODES[meaning]}m${text}\u001b[0m`
}

/** Columns of a terminal; `null` elsewhere, where nothing is cut off. */
export function widthOf(stream: Writable): number | null {
  const { columns } = stream as { columns?: number }
  return isTerminal(stream) && columns !== undefined && columns > 0 ? columns : null
}
