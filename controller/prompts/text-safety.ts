import { type UnsafeCharacter, unsafeCharacters } from '../../api/contract/unsafe-characters.ts'
import { codePointName } from '../../api/contract/visible-text.ts'
import type { FoundSecret, SecretDetector } from './secret-detector.ts'

/** A secret in text, or characters that hide part of it. */
export interface UnsafeText {
  readonly code:
    | 'live_credential'
    | 'private_key'
    | 'bidirectional_control'
    | 'invisible_character'
    | 'tag_character'
  /** The path of the file from the folder of its prompt file, if it is another one. */
  readonly beside?: string
  /** From 1. */
  readonly line: number
  /** In characters, from 1. */
  readonly column: number
  /** The problem and how to fix it. Never contains the secret. */
  readonly message: string
}

type UnsafePlace = Pick<UnsafeText, 'code' | 'message'> & { readonly index: number }

/** Consecutive unsafe characters of one kind. */
interface CharacterRun {
  readonly first: UnsafeCharacter
  readonly count: number
  readonly end: number
}

/** More would not help to fix the text. */
const MOST = 20

/**
 * Finds unsafe text in a file, front matter included: at most twenty findings, in the order of the text. Takes
 * time linear in the length of the text.
 */
export function findUnsafeText(text: string, detectSecrets: SecretDetector): UnsafeText[] {
  const findings = [...detectSecrets(text).map(secretFinding), ...runsOf(text).map(runFinding)]
  return findings
    .sort((a, b) => a.index - b.index)
    .slice(0, MOST)
    .map(({ code, index, message }) => ({ code, ...placeOf(text, index), message }))
}

function secretFinding({ kind, name, start }: FoundSecret): UnsafePlace {
  const message = `The text has ${name}. Remove it, and revoke it with its issuer.`
  return { code: kind === 'private_key' ? 'private_key' : 'live_credential', index: start, message }
}

const HIDDEN = {
  bidirectional: {
    code: 'bidirectional_control',
    effect: 'people see the text in a different order than a model reads it',
  },
  invisible: { code: 'invisible_character', effect: 'a model reads it, but people do not see it' },
  tag: { code: 'tag_character', effect: 'such characters can spell out text that only a model reads' },
} as const

function runFinding({ first, count }: CharacterRun): UnsafePlace {
  const { code, effect } = HIDDEN[first.kind]
  const name = codePointName(first.character)
  const what = count === 1 ? `the character ${name}` : `${count} characters from ${name} on`
  return {
    code,
    index: first.index,
    message: `The text has ${what}: ${effect}. Remove ${count === 1 ? 'it' : 'them'}.`,
  }
}

function runsOf(text: string): CharacterRun[] {
  const runs: CharacterRun[] = []
  for (const character of unsafeCharacters(text)) {
    const last = runs.at(-1)
    const end = character.index + character.character.length
    if (last?.end === character.index && last.first.kind === character.kind) {
      runs[runs.length - 1] = { ...last, count: last.count + 1, end }
    } else runs.push({ first: character, count: 1, end })
  }
  return runs
}

function placeOf(text: string, index: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, index)
  const lineStart = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: Array.from(before.slice(lineStart)).length + 1 }
}
