import { describe, expect, test } from 'vitest'
import { createSecrets, readReferences, type SecretReference } from '../../../controller/lambda/secrets.ts'

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:github-AbCdEf'
const PARAMETER = 'arn:aws:ssm:eu-central-1:123456789012:parameter/acme/hook'
const VALUE = 'hunter2-and-more'

function world(stored: Readonly<Record<string, string>>, references: Readonly<Record<string, string>>) {
  const asked: SecretReference[] = []
  const clock = { now: 0 }
  const values = { ...stored }
  const secrets = createSecrets({
    references: readReferences(JSON.stringify(references)),
    async read(reference) {
      asked.push(reference)
      const value = values[reference.id]
      if (value === undefined) throw Object.assign(new Error(`no such thing, ${VALUE}`), { name: 'NotFound' })
      return value
    },
    keepMs: 1000,
    now: () => clock.now,
  })
  return { secrets, asked, clock, values }
}

describe('secrets', () => {
  test('are read from a secret, a key of a secret, or a parameter', async () => {
    const stored = { [ARN]: JSON.stringify({ token: VALUE }), [PARAMETER]: 'hook', '/acme/by-name': 'named' }
    const { secrets, asked } = world(stored, {
      WHOLE: ARN,
      TOKEN: `${ARN}#token`,
      HOOK: PARAMETER,
      NAMED: '/acme/by-name',
    })
    expect(await secrets(['WHOLE', 'TOKEN', 'HOOK', 'NAMED'])).toEqual({
      WHOLE: stored[ARN],
      TOKEN: VALUE,
      HOOK: 'hook',
      NAMED: 'named',
    })
    expect(asked.map(({ store }) => store)).toEqual([
      'secrets-manager',
      'secrets-manager',
      'parameter',
      'parameter',
    ])
  })

  test('are read only if needed, and cached', async () => {
    const { secrets, asked, clock, values } = world(
      { [ARN]: 'old', [PARAMETER]: 'hook' },
      { A: ARN, B: PARAMETER },
    )
    expect(await secrets(['A', 'A', 'UNKNOWN'])).toEqual({ A: 'old' })
    values[ARN] = 'new'
    clock.now = 999
    expect(await secrets(['A'])).toEqual({ A: 'old' })
    expect(asked).toHaveLength(1)
    clock.now = 1000
    expect(await secrets(['A'])).toEqual({ A: 'new' })
  })

  test('keep their cached value while the store is unreachable', async () => {
    const { secrets, clock, values } = world({ [ARN]: 'old' }, { A: ARN })
    await secrets(['A'])
    delete values[ARN]
    clock.now = 5000
    expect(await secrets(['A'])).toEqual({ A: 'old' })
  })

  test.each([
    ['a missing one', {}, ARN, 'NotFound'],
    ['one that is not a JSON object', { [ARN]: VALUE }, `${ARN}#token`, 'it is not a JSON object'],
    [
      'one without the key',
      { [ARN]: `{"other":"${VALUE}"}` },
      `${ARN}#token`,
      'it has no string under "token"',
    ],
    ['one with an empty key', { [ARN]: '{"token":""}' }, `${ARN}#token`, 'it has no string under "token"'],
  ])('fail with the place of %s, and never with its value', async (_, stored, reference, reason) => {
    const { secrets } = world(stored, { TOKEN: reference })
    const error = await secrets(['TOKEN']).catch((caught) => caught)
    expect(error).toMatchObject({
      code: 'invalid_config',
      message: `The secret TOKEN cannot be read from ${ARN}: ${reason}. Check that it exists and that the function's role can read it.`,
    })
    expect(String(error.stack) + String(error.cause)).not.toContain(VALUE)
  })

  test.each(['{', '[]', '{"A": 1}', '{"A": ""}'])('are not named by %s', (text) => {
    expect(() => readReferences(text)).toThrow(expect.objectContaining({ code: 'invalid_config' }))
  })

  test('are optional', async () => {
    expect(readReferences(undefined).size).toBe(0)
    expect(readReferences('').size).toBe(0)
  })
})
