import type { Scalar } from 'yaml'
import { clipped } from './problem.ts'

/** A scalar as JSON, with a message if a YAML parser would read another value. */
export interface ScalarReading {
  readonly value: string | number | boolean | null
  readonly change?: string
}

/** With `keepsText`, numbers and booleans keep their spelling in the file. */
export function readScalar(node: Scalar, keepsText: boolean): ScalarReading {
  const source = node.source ?? ''
  const { value } = node
  if (value === null) return { value }
  if (typeof value === 'number' || typeof value === 'boolean') {
    if (keepsText) return { value: source, change: `\`${clipped(source)}\` was read as text.` }
    if (typeof value === 'boolean') return { value }
    // Adding 0 turns -0 into 0, as JSON does.
    if (isExact(value, node)) return { value: value + 0 }
    return {
      value: source,
      change: `JSON has no exact number for \`${clipped(source)}\`, so it was read as text.`,
    }
  }
  const tag = foreignTag(node.tag)
  return tag === undefined ? { value: source } : { value: source, change: withoutTag(tag) }
}

/** Whether JSON can represent the number exactly. It has no infinity and no NaN, and rounds large integers. */
function isExact(value: number, { format, source = '' }: Scalar): boolean {
  if (!Number.isFinite(value)) return false
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return true
  if (format === 'EXP' || source.includes('.')) return true
  const written = String(value)
  return BigInt(written.includes('e') ? value : written) === BigInt(source)
}

/** The tag as written in YAML; `undefined` if it names a type that JSON has anyway. */
export function foreignTag(tag: string | undefined): string | undefined {
  if (tag === undefined || tag === '!') return undefined
  const short = tag.startsWith('tag:yaml.org,2002:') ? `!!${tag.slice('tag:yaml.org,2002:'.length)}` : tag
  return ['!!str', '!!map', '!!seq'].includes(short) ? undefined : short
}

export function withoutTag(tag: string): string {
  return `JSON has no type \`${clipped(tag)}\`, so the value was read without it.`
}
