import { createHash } from 'node:crypto'
import { LIMITS } from '../../api/contract/limits.ts'
import { clipText } from './clip-text.ts'
import type { Finding, NewFinding } from './finding.ts'

/** Text from a repository can have any length and any characters, but the registry has limits. */

/** A finding within the registry's limits. */
export function boundedFinding(found: NewFinding, first_seen: string): Finding {
  const { code, subject, message, cause = null, details = null } = found
  return {
    code,
    subject: { kind: subject.kind, name: subjectName(subject.name) },
    message: clipText(message, LIMITS.findingMessage),
    cause: cause === null ? null : clipText(cause, LIMITS.findingMessage),
    first_seen,
    details: details === null ? null : JSON.parse(JSON.stringify(details), cleanValue),
  }
}

/** The name of a subject. A long one ends in a digest to stay unique. */
export function subjectName(name: string): string {
  const clean = cleanText(name)
  if (clean === name && name.length <= LIMITS.findingSubject) return name
  const ending = `…${createHash('sha256').update(JSON.stringify(name)).digest('hex').slice(0, 16)}`
  return clean.slice(0, LIMITS.findingSubject - ending.length).toWellFormed() + ending
}

function cleanValue(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? cleanText(value) : value
}

function cleanText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}
