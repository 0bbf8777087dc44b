import { expect, test } from 'vitest'
import { withOutput } from './written-output.ts'

const DOCUMENT = '# Benchmarks\n\nText.\n\n## Last runs\n'

test('adds a section at the end for a benchmark that was never written', () => {
  expect(withOutput(DOCUMENT, 'client', ['$ npm run bench -- client', '', '1 ms'])).toBe(
    `${DOCUMENT}\n### client\n\n    $ npm run bench -- client\n\n    1 ms\n`,
  )
})

test('replaces the lines of an earlier run and leaves all others', () => {
  const both = withOutput(withOutput(DOCUMENT, 'client', ['old', 'older']), 'cli', ['2 ms'])
  const written = withOutput(both, 'client', ['new'])
  expect(written).toBe(`${DOCUMENT}\n### client\n\n    new\n\n### cli\n\n    2 ms\n`)
  expect(withOutput(written, 'cli', ['3 ms'])).toBe(
    `${DOCUMENT}\n### client\n\n    new\n\n### cli\n\n    3 ms\n`,
  )
})

test('keeps what follows the section', () => {
  const document = `${DOCUMENT}\n### client\n\n    old\n\n## Later\n\nText.\n`
  expect(withOutput(document, 'client', ['new'])).toBe(
    `${DOCUMENT}\n### client\n\n    new\n\n## Later\n\nText.\n`,
  )
})
