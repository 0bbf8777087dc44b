import { promptIdProblem } from '../../api/contract/index.ts'
import fc from './fast-check.ts'

/** Strings that are almost ids, pins and references, to exercise every rule of the grammar. */
const pieces = fc.constantFrom(
  ...[
    'a',
    'B',
    '7',
    '.',
    '..',
    '-',
    '_',
    '/',
    '//',
    '@',
    '_v1',
    '_v1.2',
    '_v1.2.3',
    '_v1.2.3.4',
    '_v',
    'v1.0',
  ],
  ...[
    ' ',
    '\n',
    '\0',
    'é',
    '😀',
    '\uD800',
    '%2F',
    'versions',
    'events',
    'stable',
    'latest',
    '+',
    '1.0.0-rc.1',
  ],
)

export const nearReferences: fc.Arbitrary<string> = fc.oneof(
  fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.tuple(pieces, fc.nat({ max: 260 })).map(([piece, count]) => piece.repeat(count)),
)

const idCharacters = [...'abcXYZ019']
const segments = fc
  .tuple(
    fc.constantFrom(...idCharacters),
    fc.string({ unit: fc.constantFrom(...idCharacters, ...'._-'), maxLength: 8 }),
  )
  .map(([first, rest]) => first + rest)

export const promptIds: fc.Arbitrary<string> = fc
  .array(segments, { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join('/'))
  .filter((id) => promptIdProblem(id) === undefined)

const numbers = fc.oneof(
  fc.nat({ max: 12 }).map(String),
  fc.constantFrom('100', '9007199254740991', '1000000000000'),
)
const identifiers = fc.oneof(
  numbers,
  fc.constantFrom('alpha', 'beta', 'rc', 'rc1', 'a-b', 'a', 'A', '-', '0a', 'x-y-z'),
)

/** Semantic versions with three parts, from a range small enough that two are often equal or adjacent. */
export const releases: fc.Arbitrary<string> = fc
  .tuple(
    fc.tuple(numbers, numbers, numbers),
    fc.array(identifiers, { maxLength: 3 }),
    fc.array(fc.constantFrom('b', '7', 'sha-1'), { maxLength: 2 }),
  )
  .map(
    ([core, pre, build]) =>
      core.join('.') + (pre.length ? `-${pre.join('.')}` : '') + (build.length ? `+${build.join('.')}` : ''),
  )

/** Valid version names: releases with and without a "v", short ones, hashes and words. */
export const versionNames: fc.Arbitrary<string> = fc.oneof(
  releases,
  releases.map((release) => `v${release}`),
  fc
    .tuple(
      fc.constantFrom('', 'v'),
      fc.array(numbers, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', '-rc', '+b'),
    )
    .map(([v, parts, rest]) => v + parts.join('.') + rest),
  fc.constantFrom('blue', 'v', 'vv1', 'V1', 'vblue', '01.2', '1..2', '1.', '1.2.3.4', '1.x', 'e12', '1e5'),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 12, maxLength: 12 }),
)
