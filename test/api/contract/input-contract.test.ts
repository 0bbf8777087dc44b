import { describe, expect, test } from 'vitest'
import {
  breakingChanges,
  compareInputs,
  firstDifference,
  stepBetween,
  stepOfChanges,
} from '../../../api/contract/input-contract.ts'
import { INPUT_TYPES, type PromptInput } from '../../../api/contract/reading/inputs.ts'
import fc from '../../support/fast-check.ts'

const input = (more: Partial<PromptInput> = {}): PromptInput => ({
  name: 'x',
  type: 'string',
  required: true,
  ...more,
})
const other = input({ name: 'y' })
const optional = { required: false }

describe('the step of a change', () => {
  test.each<[string, readonly PromptInput[], readonly PromptInput[], string]>([
    ['nothing', [input()], [input()], 'none'],
    ['another order', [input(), other], [other, input()], 'none'],
    ['a sample', [input()], [input({ sample: 'a' })], 'none'],
    ['the order of choices', [input({ enum: ['a', 'b'] })], [input({ enum: ['b', 'a'] })], 'none'],
    [
      'the order of keys in a schema',
      [input({ schema: { a: 1, b: 2 } })],
      [input({ schema: { b: 2, a: 1 } })],
      'none',
    ],
    ['an undeclared input added', [input()], [input(), input({ name: 'z', declared: false })], 'none'],
    ['an undeclared input removed', [input(), input({ name: 'z', declared: false })], [input()], 'none'],
    ['a description', [input()], [input({ description: 'New.' })], 'patch'],
    ['another description', [input({ description: 'Old.' })], [input({ description: 'New.' })], 'patch'],
    ['an optional one added', [input()], [input(), { ...other, ...optional }], 'minor'],
    ['required to optional', [input()], [input(optional)], 'minor'],
    ['integer to number', [input({ type: 'integer' })], [input({ type: 'number' })], 'minor'],
    ['string to any', [input()], [input({ type: 'any' })], 'minor'],
    ['array to any', [input({ type: 'array' })], [input({ type: 'any' })], 'minor'],
    ['a choice added', [input({ enum: ['a'] })], [input({ enum: ['a', 'b'] })], 'minor'],
    ['choices lifted', [input({ enum: ['a'] })], [input()], 'minor'],
    ['another default', [input({ ...optional, default: 1 })], [input({ ...optional, default: 2 })], 'minor'],
    ['a default added', [input(optional)], [input({ ...optional, default: 2 })], 'minor'],
    ['a default removed', [input({ ...optional, default: 2 })], [input(optional)], 'minor'],
    ['removed', [input(), other], [other], 'major'],
    ['renamed', [input()], [input({ name: 'z' })], 'major'],
    ['renamed, and optional now', [input()], [input({ name: 'z', ...optional })], 'major'],
    ['a required one added', [input()], [input(), other], 'major'],
    ['optional to required', [input(optional)], [input()], 'major'],
    ['number to integer', [input({ type: 'number' })], [input({ type: 'integer' })], 'major'],
    ['any to string', [input({ type: 'any' })], [input()], 'major'],
    ['string to number', [input()], [input({ type: 'number' })], 'major'],
    ['array to object', [input({ type: 'array' })], [input({ type: 'object' })], 'major'],
    ['choices introduced', [input()], [input({ enum: ['a'] })], 'major'],
    ['a choice removed', [input({ enum: ['a', 'b'] })], [input({ enum: ['a'] })], 'major'],
    ['a choice replaced', [input({ enum: ['a', 'b'] })], [input({ enum: ['a', 'c'] })], 'major'],
    [
      'other items',
      [input({ type: 'array', items: 'string' })],
      [input({ type: 'array', items: 'number' })],
      'major',
    ],
    ['items of any type', [input({ type: 'array', items: 'string' })], [input({ type: 'array' })], 'major'],
    ['another schema', [input({ schema: { a: 1 } })], [input({ schema: { a: 2 } })], 'major'],
    [
      'the largest of several',
      [input(), other],
      [input({ description: 'New.' }), { ...other, ...optional }],
      'minor',
    ],
  ])('for %s is right', (_what, before, after, step) => {
    expect(stepOfChanges(compareInputs(before, after))).toBe(step)
  })

  test('is none without declared inputs on both sides', () => {
    const undeclared = [input({ declared: false })]
    for (const [before, after] of [
      [null, [input()]],
      [[input()], null],
      [[input()], []],
      [undeclared, [input()]],
      [[input()], undeclared],
    ] as const)
      expect(compareInputs(before, after)).toEqual([])
  })

  test('names the input and what happened to it', () => {
    expect(compareInputs([input(), other], [input({ type: 'any' })])).toEqual([
      { name: 'x', step: 'minor', what: 'was string and is now any' },
      { name: 'y', step: 'major', what: 'was removed or renamed' },
    ])
  })
})

const values = fc.constantFrom('a', 'b', 1, 2, true, null)
const anInput: fc.Arbitrary<PromptInput> = fc.record(
  {
    name: fc.constantFrom('a', 'b', 'c'),
    type: fc.constantFrom(...INPUT_TYPES),
    required: fc.boolean(),
    default: values,
    description: fc.constantFrom('One.', 'Two.'),
    enum: fc.uniqueArray(values, { minLength: 1, maxLength: 3 }),
    items: fc.constantFrom(...INPUT_TYPES),
  },
  { requiredKeys: ['name', 'type', 'required'] },
)
const inputs = fc.uniqueArray(anInput, { minLength: 1, maxLength: 3, selector: ({ name }) => name })

/** Whether a caller's value is accepted, written independently of the comparison. */
function accepts({ type, enum: choices, items }: PromptInput, value: unknown): boolean {
  const is = (one: PromptInput['type'], given: unknown) => {
    if (one === 'any') return true
    if (one === 'array') return Array.isArray(given)
    if (one === 'integer') return Number.isInteger(given)
    if (one === 'object') return typeof given === 'object' && given !== null && !Array.isArray(given)
    return typeof given === one
  }
  const hasItems = items === undefined || !Array.isArray(value) || value.every((item) => is(items, item))
  const isChoice = choices === undefined || choices.some((one) => one === value)
  return is(type, value) && hasItems && isChoice
}

describe('random inputs', () => {
  test('changed below a major step accept every call that was accepted before', () => {
    const calls = fc.dictionary(
      fc.constantFrom('a', 'b', 'c'),
      fc.oneof(values, fc.constantFrom(1.5, [], ['a'], [1], {})),
    )
    const isAccepted = (declared: readonly PromptInput[], call: Readonly<Record<string, unknown>>) =>
      Object.keys(call).every((name) => declared.some((one) => one.name === name)) &&
      declared.every((one) =>
        Object.hasOwn(call, one.name)
          ? accepts(one, call[one.name])
          : !one.required || one.default !== undefined,
      )
    fc.assert(
      fc.property(inputs, inputs, calls, (before, after, call) => {
        const required = (all: readonly PromptInput[]) =>
          all.map((one) => ({ ...one, required: one.required && one.default === undefined }))
        const [older, newer] = [required(before), required(after)]
        if (stepOfChanges(compareInputs(older, newer)) === 'major' || !isAccepted(older, call)) return
        expect(isAccepted(newer, call)).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })

  test('equal ones have no change, in any order', () => {
    fc.assert(
      fc.property(inputs, (all) => {
        expect(compareInputs(all, [...all].reverse())).toEqual([])
      }),
    )
  })

  test('have a change for each thing that differs, and the reverse of a widening is major', () => {
    fc.assert(
      fc.property(inputs, inputs, (before, after) => {
        const there = compareInputs(before, after)
        const back = compareInputs(after, before)
        expect(there.length === 0).toBe(back.length === 0)
        const isWidening = (what: string) => /optional|choices$|is now (any|number)/.test(what)
        if (there.some(({ what, step }) => step === 'minor' && isWidening(what)))
          expect(stepOfChanges(back)).toBe('major')
      }),
      { numRuns: 2000 },
    )
  })
})

test.each([
  ['1.2.3', '2.0.0', 'major'],
  ['1.2.3', '1.3.0', 'minor'],
  ['1.2.3', '1.2.4', 'patch'],
  ['1.2.3', '1.2.3', 'none'],
  ['0.2.3', '0.3.0', 'major'],
  ['0.2.3', '0.2.4', 'patch'],
  ['0.9.0', '1.0.0', 'major'],
  ['1.2.3', '2.0.0-rc.1', 'major'],
  ['1.2.3', '1.3.0-rc.1+b', 'minor'],
])('from %s to %s is a %s step', (from, to, step) => {
  expect(stepBetween(from, to)).toBe(step)
})

test('breaking changes are the major ones of a release that is not', () => {
  const changes = compareInputs([input(), other], [input({ ...optional })])
  const removed = { name: 'y', step: 'major', what: 'was removed or renamed' }
  expect(breakingChanges(changes, '1.2.0', '1.3.0')).toEqual([removed])
  expect(breakingChanges(changes, '1.2.0', '2.0.0')).toEqual([])
  expect(breakingChanges(changes, '0.2.0', '0.3.0')).toEqual([])
  expect(breakingChanges(changes, '0.2.0', '0.2.1')).toEqual([removed])
  expect(breakingChanges(changes, null, '1.0.0')).toEqual([])
})

test.each([
  ['abc', 'abc', null],
  ['abc', 'abd', 2],
  ['', 'a', 0],
  ['abc', 'abcd', 3],
  ['über', 'übrig', 3],
  ['a😀', 'a😁', 1],
])('%j and %j differ at byte %s', (before, after, at) => {
  expect(firstDifference(before, after)).toBe(at)
})
