import { describe, expect, test } from 'vitest'
import { isPromptResolutionError } from '../../client/errors.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import type { ClientOptions } from '../../client/options.ts'
import { readSettings } from '../../client/settings.ts'

const VARIABLES = {
  PROMPT_REGISTRY_FUNCTION: 'variable-function',
  PROMPT_REGISTRY_AUTH: 'iam',
  PROMPT_REGISTRY_URL: 'http://variable.test',
  PROMPT_REGISTRY_TOKEN: 'tok-variable',
  PROMPT_REGISTRY_LOCAL_DIR: '/variable',
  PROMPT_REGISTRY_TIMEOUT_MS: '2500',
  PROMPT_REGISTRY_TTL_MS: '5000',
  PROMPT_REGISTRY_STALE_FOR_MS: '6000',
  PROMPT_REGISTRY_APPLICATION: 'variable-agent',
  EXECUTION_MODE: 'live',
}

const values = ({ env = {}, ...options }: ClientOptions) => {
  const { functionName, auth, registryUrl, token, localDir, timeoutMs, mode, ttlMs, staleForMs } =
    readSettings(options, env)
  const { application } = readSettings(options, env)
  return { functionName, auth, registryUrl, token, localDir, timeoutMs, mode, ttlMs, staleForMs, application }
}

const NOTHING = {
  functionName: undefined,
  auth: undefined,
  registryUrl: undefined,
  token: undefined,
  localDir: undefined,
  timeoutMs: 10_000,
  mode: undefined,
  ttlMs: 60_000,
  staleForMs: 600_000,
  application: undefined,
}

test('each option has its variable', () => {
  expect(values({ env: VARIABLES })).toEqual({
    functionName: 'variable-function',
    auth: 'iam',
    registryUrl: 'http://variable.test',
    token: 'tok-variable',
    localDir: '/variable',
    timeoutMs: 2500,
    mode: 'production',
    ttlMs: 5000,
    staleForMs: 6000,
    application: 'variable-agent',
  })
})

test('an option goes before its variable', () => {
  const options = {
    functionName: 'option-function',
    auth: 'token',
    registryUrl: 'http://option.test',
    token: 'tok-option',
    localDir: '/option',
    timeoutMs: 1,
    mode: 'dev',
    ttlMs: 0,
    staleForMs: 1,
    application: 'option-agent',
  } as const
  expect(values({ ...options, env: VARIABLES })).toEqual(options)
})

test('an empty variable counts as none', () => {
  const empty = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, '']))
  expect(values({ env: empty })).toEqual(NOTHING)
  expect(values({ env: {} })).toEqual(NOTHING)
})

test.each(['PRODUCTION', ' live ', 'Production\n'])('the mode %j is production', (mode) => {
  expect(values({ env: { EXECUTION_MODE: mode } }).mode).toBe('production')
  expect(values({ mode: mode as 'live' }).mode).toBe('production')
})

describe('what cannot be used is refused when the client is made', () => {
  const refusal = (options: ClientOptions) => {
    try {
      new PromptRegistryClient({ env: {}, ...options })
    } catch (error) {
      if (isPromptResolutionError(error)) return error
    }
    throw new Error('It was taken.')
  }

  test.each([0, -1, Number.NaN])('timeoutMs %d', (timeoutMs) => {
    expect(refusal({ timeoutMs })).toMatchObject({ code: 'invalid_configuration' })
  })

  test('PROMPT_REGISTRY_TIMEOUT_MS that is no number', () => {
    const error = refusal({ env: { PROMPT_REGISTRY_TIMEOUT_MS: '10s' } })
    expect(error.message).toBe(
      'PROMPT_REGISTRY_TIMEOUT_MS ("10s") must be a number of milliseconds, at least 1.',
    )
  })

  test('PROMPT_REGISTRY_AUTH that is neither', () => {
    const error = refusal({ env: { PROMPT_REGISTRY_AUTH: 'sigv4' } })
    expect(error.code).toBe('invalid_configuration')
    expect(error.message).toBe('PROMPT_REGISTRY_AUTH ("sigv4") must be one of token, iam.')
  })

  test('a URL whose requests are to be signed, in a region that nothing tells', () => {
    const options = { registryUrl: 'http://registry.test', auth: 'iam' } as const
    expect(refusal(options)).toMatchObject({ code: 'invalid_configuration' })
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
      new PromptRegistryClient({ ...options, env: { [name]: 'eu-west-1' } })
    }
  })

  test('an option that does not exist', () => {
    const { code, message } = refusal({ registryURL: 'http://registry.test' } as ClientOptions)
    expect([code, message]).toEqual([
      'invalid_configuration',
      expect.stringContaining(
        '"registryURL" is not an option; the known ones are functionName, registryUrl,',
      ),
    ])
    expect(refusal({ snapshot: { path: 'x' } as never }).code).toBe('invalid_configuration')
  })

  test('an unknown mode', () => {
    expect(refusal({ mode: 'prod' as 'dev' }).code).toBe('invalid_mode')
    expect(refusal({ env: { EXECUTION_MODE: 'prod' } }).message).toContain('"prod" is not a mode')
  })

  test.each([
    'localhost:8080',
    'not an address',
    'ftp://registry.test',
    'http://user:pass-123@registry.test',
    'http://registry.test/?key=pass-123',
    'http://registry.test/#pass-123',
  ])('the address %s, and what may be secret in it is not shown', (registryUrl) => {
    const error = refusal({ registryUrl })
    expect(error.code).toBe('invalid_configuration')
    expect(error.message).not.toContain('pass-123')
  })

  test('a token that cannot be in a header, without showing it', () => {
    const error = refusal({ registryUrl: 'http://registry.test', token: 'tok\n123' })
    expect(error.code).toBe('invalid_configuration')
    expect(error.message).not.toContain('123')
  })
})
