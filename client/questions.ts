import type { Mode } from '../api/contract/mode.ts'
import { parseRequestReference } from '../api/contract/reference.ts'
import { PromptResolutionError } from './errors.ts'
import type { ModeName } from './options.ts'
import { readMode } from './settings.ts'
import type { Question, SetName } from './tier.ts'

/** In the client's own mode the key is the reference itself, so that a hit makes no string. */
export function keyOf(reference: string, mode: Mode | undefined, own: Mode | undefined): string {
  return mode === own ? reference : `${reference}\n${mode}`
}

/** The same question about a set. */
export function inSet(question: Question, set: SetName): Question {
  return { ...question, key: `${question.key}\n${set.digest}`, set }
}

/** Throws `PromptResolutionError` (`invalid_reference`, `invalid_mode`), and `TypeError` if it is not a string. */
export function parseQuestion(
  reference: string,
  modeName: ModeName | undefined,
  own: Mode | undefined,
): Question {
  if (typeof reference !== 'string')
    throw new TypeError(`A reference is a string such as "support/triage", not ${typeof reference}.`)
  const mode = modeName === undefined ? own : readMode(modeName)
  try {
    return { key: keyOf(reference, mode, own), reference, parsed: parseRequestReference(reference), mode }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : ''
    const message = `"${reference}" is not a reference. ${why}`
    throw new PromptResolutionError('invalid_reference', message, { cause })
  }
}
