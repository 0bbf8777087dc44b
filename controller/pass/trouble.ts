import { RegistryError } from '../../api/contract/errors.ts'
import { clipText } from '../findings/clip-text.ts'
import { SourceError } from '../source/git-source.ts'
import type { Trouble } from '../state/pass-report.ts'

const MOST_CAUSE_BYTES = 500

/** Describes an error: a sentence for people, and the output of another program in one line for operators. */
export function troubleOf(error: unknown): Trouble & { readonly code: string } {
  const message = error instanceof Error ? error.message : String(error)
  const cause = causeOf(error)
  const code = codeOf(error)
  return {
    code,
    message,
    cause: cause === null || cause === message ? null : clipText(cause, MOST_CAUSE_BYTES),
  }
}

export function codeOf(error: unknown): string {
  return error instanceof SourceError || error instanceof RegistryError ? error.code : 'failed'
}

function causeOf(error: unknown): string | null {
  if (error instanceof SourceError) return error.causeLine
  if (!(error instanceof RegistryError) || !(error.cause instanceof Error)) return null
  const { message } = error.cause
  return message.replaceAll(/\s+/g, ' ').trim() || null
}
