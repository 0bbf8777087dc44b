import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { EnvironmentError, readConfig } from '../../api/config.ts'
import { MODES } from '../../api/contract/mode.ts'

const NEEDED = { DYNAMODB_TABLE: 'prompts', S3_BUCKET: 'prompt-texts' }

function problems(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems
  }
  throw new Error('It was taken.')
}

test('a table and a bucket are enough', () => {
  expect(readConfig(NEEDED)).toEqual({
    table: 'prompts',
    bucket: 'prompt-texts',
    allowedModes: MODES,
    readOnly: false,
    deprecatedPins: 'serve',
    inputs: 'report',
    readsSampleRate: 1,
    logLevel: 'INFO',
    functionName: 'prompt-registry',
  })
})

test('the emergency key is read, and refused without a word of it', () => {
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  expect(readConfig({ ...NEEDED, EMERGENCY_KEY: privateKey }).emergencySigner?.keyid).toMatch(/^SHA256:/)
  const arn = 'arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d'
  expect(readConfig({ ...NEEDED, EMERGENCY_KEY: arn }).emergencySigner).not.toHaveProperty('keyid')
  expect(problems({ ...NEEDED, EMERGENCY_KEY: 'secret words' })).toEqual([
    'EMERGENCY_KEY: The key cannot sign: it is neither a PEM private key nor an OpenSSH one.',
  ])
})

test('every variable is read', () => {
  expect(
    readConfig({
      ...NEEDED,
      ALLOWED_MODES: 'live, paper',
      READ_ONLY: 'true',
      DEPRECATED_PINS: 'block',
      CHANGED_INPUTS: 'enforce',
      READS_SAMPLE_RATE: '0.25',
      LOG_LEVEL: 'debug',
      AWS_LAMBDA_FUNCTION_NAME: 'acme-prod-prompt-registry-reader',
    }),
  ).toMatchObject({
    allowedModes: ['staging', 'production'],
    readOnly: true,
    deprecatedPins: 'block',
    inputs: 'enforce',
    readsSampleRate: 0.25,
    logLevel: 'DEBUG',
    functionName: 'acme-prod-prompt-registry-reader',
  })
})

test('an empty variable counts as none', () => {
  const empty = { ALLOWED_MODES: '', READ_ONLY: ' ', DEPRECATED_PINS: '', CHANGED_INPUTS: '', LOG_LEVEL: '' }
  expect(readConfig({ ...NEEDED, ...empty })).toEqual(readConfig(NEEDED))
})

test.each([
  ['true', true],
  ['TRUE', true],
  ['1', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['no', false],
])('READ_ONLY=%s is %s', (text, readOnly) => {
  expect(readConfig({ ...NEEDED, READ_ONLY: text }).readOnly).toBe(readOnly)
})

test('all that is wrong is told at once, with the variable and the next move', () => {
  expect(
    problems({
      ALLOWED_MODES: 'production,prod',
      READ_ONLY: 'maybe',
      DEPRECATED_PINS: 'no',
      LOG_LEVEL: 'loud',
    }),
  ).toEqual([
    'DYNAMODB_TABLE: It is not set; set it to the name of the DynamoDB table.',
    'S3_BUCKET: It is not set; set it to the name of the S3 bucket.',
    'ALLOWED_MODES: "prod" is not a mode; use one of simulation, dev, staging, production (or backtest, paper, live).',
    'READ_ONLY: "maybe" is neither true nor false.',
    'DEPRECATED_PINS: "no" is not one of serve, block.',
    'LOG_LEVEL: "LOUD" is not one of DEBUG, INFO, WARN, ERROR, SILENT.',
  ])
})

test.each([',', 'production,'])('ALLOWED_MODES=%s is refused, so that a typo cannot allow a mode', (text) => {
  expect(problems({ ...NEEDED, ALLOWED_MODES: text })[0]).toContain('ALLOWED_MODES')
})
