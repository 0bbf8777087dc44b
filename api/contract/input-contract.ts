import type { InputType, PromptInput } from './reading/inputs.ts'
import { parseRelease, type Release } from './release.ts'
import { canonicalJson, type Json } from './version.ts'

/** The smallest step of a release in which a change may come. */
export type ReleaseStep = 'none' | 'patch' | 'minor' | 'major'

/** A change of one input that a caller may notice. */
export interface InputChange {
  readonly name: string
  readonly step: Exclude<ReleaseStep, 'none'>
  /** Follows the name in a sentence, such as `is now required`. */
  readonly what: string
}

const STEPS: readonly ReleaseStep[] = ['none', 'patch', 'minor', 'major']

/**
 * Compares the declared inputs of two versions: what callers of the older one would notice with the newer one. Empty
 * if either declares none, because such a version has no contract. The order of inputs, and samples, do not count.
 */
export function compareInputs(
  before: readonly PromptInput[] | null,
  after: readonly PromptInput[] | null,
): InputChange[] {
  const [older, newer] = [declaredByName(before), declaredByName(after)]
  if (older.size === 0 || newer.size === 0) return []
  const kept = [...older.values()].flatMap((input) => {
    const now = newer.get(input.name)
    return now === undefined ? [change(input, 'major', 'was removed or renamed')] : changesOf(input, now)
  })
  const added = [...newer.values()].filter(({ name }) => !older.has(name))
  return [
    ...kept,
    ...added.map((input) =>
      input.required
        ? change(input, 'major', 'was added and is required')
        : change(input, 'minor', 'was added and is optional'),
    ),
  ]
}

/** The step that the changes need together. */
export function stepOfChanges(changes: readonly InputChange[]): ReleaseStep {
  return changes.reduce<ReleaseStep>((most, { step }) => later(most, step), 'none')
}

/** The step from one release to a higher one. Below 1.0.0 a new minor version counts as major. */
export function stepBetween(from: Release, to: Release): ReleaseStep {
  const [older, newer] = [numbersOf(from), numbersOf(to)]
  if (newer[0] !== older[0]) return 'major'
  if (newer[1] !== older[1]) return newer[0] === 0 ? 'major' : 'minor'
  return newer[2] === older[2] ? 'none' : 'patch'
}

/** Changes that break callers, in a release that does not say so. Empty if there are none, or no earlier release. */
export function breakingChanges(
  changes: readonly InputChange[],
  from: Release | null,
  to: Release,
): readonly InputChange[] {
  if (from === null || stepBetween(from, to) === 'major') return []
  return changes.filter(({ step }) => step === 'major')
}

/** The changes as a part of a sentence. At most `most` are named. */
export function namedChanges(changes: readonly InputChange[], most = 5): string {
  const named = changes.slice(0, most).map(({ name, what }) => `"${clipped(name)}" ${what}`)
  const more = changes.length - named.length
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

/** Names of inputs may have any length. */
function clipped(name: string): string {
  const characters = [...name]
  return characters.length <= 60 ? name : `${characters.slice(0, 60).join('')}…`
}

/** The lowest release that may have breaking changes, above another one. */
export function nextMajor(release: Release): Release {
  const [major = 0, minor = 0] = numbersOf(release)
  return major === 0 ? `0.${minor + 1}.0` : `${major + 1}.0.0`
}

/** The byte of UTF-8 at which two texts first differ; `null` if they are equal. A cached prefix ends there. */
export function firstDifference(before: string, after: string): number | null {
  if (before === after) return null
  let at = 0
  while (at < before.length && before[at] === after[at]) at++
  // Half of a surrogate pair has no bytes of its own.
  if (at > 0 && /[\uD800-\uDBFF]/.test(before.charAt(at - 1))) at--
  return new TextEncoder().encode(before.slice(0, at)).length
}

function changesOf(before: PromptInput, after: PromptInput): InputChange[] {
  return [
    ...requiredChange(before, after),
    ...typeChange(before, after),
    ...choicesChange(before, after),
    ...(isSame(before.items, after.items) ? [] : [change(after, 'major', 'has items of another type')]),
    ...(isSame(before.schema, after.schema) ? [] : [change(after, 'major', 'has another schema')]),
    ...(isSame(before.default, after.default) ? [] : [change(after, 'minor', 'has another default')]),
    ...(before.description === after.description ? [] : [change(after, 'patch', 'has another description')]),
  ]
}

function requiredChange(before: PromptInput, after: PromptInput): InputChange[] {
  if (before.required === after.required) return []
  return [
    after.required ? change(after, 'major', 'is now required') : change(after, 'minor', 'is now optional'),
  ]
}

function typeChange(before: PromptInput, after: PromptInput): InputChange[] {
  if (before.type === after.type) return []
  const isWider = contains(after.type, before.type)
  return [change(after, isWider ? 'minor' : 'major', `was ${before.type} and is now ${after.type}`)]
}

/** Whether every value of the other type is one of this type. */
function contains(type: InputType, other: InputType): boolean {
  return type === 'any' || (type === 'number' && other === 'integer')
}

function choicesChange(before: PromptInput, after: PromptInput): InputChange[] {
  if (before.enum === undefined && after.enum === undefined) return []
  if (before.enum === undefined) return [change(after, 'major', 'now has choices')]
  if (after.enum === undefined) return [change(after, 'minor', 'no longer has choices')]
  const [older, newer] = [choicesOf(before.enum), choicesOf(after.enum)]
  if ([...older].some((choice) => !newer.has(choice))) return [change(after, 'major', 'has fewer choices')]
  return newer.size > older.size ? [change(after, 'minor', 'has more choices')] : []
}

function choicesOf(choices: readonly Json[]): ReadonlySet<string> {
  return new Set(choices.map(canonicalJson))
}

function declaredByName(inputs: readonly PromptInput[] | null): Map<string, PromptInput> {
  const declared = (inputs ?? []).filter(({ declared: isDeclared }) => isDeclared !== false)
  return new Map(declared.map((input) => [input.name, input]))
}

function change({ name }: PromptInput, step: InputChange['step'], what: string): InputChange {
  return { name, step, what }
}

function isSame(one: Json | undefined, other: Json | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return canonicalJson(one) === canonicalJson(other)
}

function later(one: ReleaseStep, other: ReleaseStep): ReleaseStep {
  return STEPS.indexOf(one) < STEPS.indexOf(other) ? other : one
}

function numbersOf(release: Release): readonly number[] {
  const [numbers = ''] = (parseRelease(release) ?? release).split(/[-+]/)
  return numbers.split('.').map(Number)
}
