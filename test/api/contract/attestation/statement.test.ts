import { describe, expect, test } from 'vitest'
import {
  parseStatement,
  STATEMENT_PAYLOAD_TYPE,
  statementBytes,
} from '../../../../api/contract/attestation/statement.ts'
import fc, { runs } from '../../../support/fast-check.ts'

const statement = {
  subject: [{ name: 'support/triage', digest: { sha256: 'ab' }, annotations: { payload: 'cd' } }],
  predicateType: 'https://in-toto.io/attestation/test-result/v0.1',
  predicate: { result: 'PASSED' },
}

const changed = (fields: object) =>
  Buffer.from(JSON.stringify({ ...JSON.parse(statementBytes(statement).toString()), ...fields }))

test('reads what was written', () => {
  expect(parseStatement(STATEMENT_PAYLOAD_TYPE, statementBytes(statement))).toEqual(statement)
})

describe('a statement is refused', () => {
  test.each([
    [
      'of another type',
      { _type: 'https://in-toto.io/Statement/v0.1' },
      'is not https://in-toto.io/Statement/v1',
    ],
    ['without a subject', { subject: [] }, 'it has no subject'],
    ['with a subject without a name', { subject: [{ digest: {} }] }, 'it has no subject'],
    [
      'with a digest that is no text',
      { subject: [{ name: 'a', digest: { sha256: 1 } }] },
      'it has no subject',
    ],
    ['with odd annotations', { subject: [{ name: 'a', digest: {}, annotations: [] }] }, 'it has no subject'],
    ['without a predicate type', { predicateType: 1 }, 'it has no predicate'],
    ['with a predicate that is a list', { predicate: [] }, 'it has no predicate'],
  ])('%s', (_, fields, problem) => {
    expect(() => parseStatement(STATEMENT_PAYLOAD_TYPE, changed(fields))).toThrow(problem)
  })

  test('in an envelope for something else', () => {
    expect(() => parseStatement('text/plain', statementBytes(statement))).toThrow(STATEMENT_PAYLOAD_TYPE)
  })

  test('never with another error', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('subject', 'predicate', 'predicateType'), fc.jsonValue()),
        (fields) => {
          try {
            parseStatement(STATEMENT_PAYLOAD_TYPE, changed(fields))
          } catch (error) {
            expect((error as Error).message).toMatch(/^it /)
          }
        },
      ),
      { numRuns: runs(200) },
    )
  })
})
