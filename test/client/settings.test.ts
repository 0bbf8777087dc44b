import { describe, expect, test } from 'vitest'
import { PromptRegistryClient } from '../../client/client.ts'
import { isPromptResolutionError } from '../../client/errors.ts'
import { type ClientOptions, readSettings } from '../../client/settings.ts'

const VARIABLES = {
  PROMPT_REGISTRY_FUNCTION: 'variable-function',
  PROMPT_REGISTRY_AUTH: 'iam',
  PROMPT_REGISTRY_URL: 'http://variable.test',
  PROMPT_REGISTRY_TOKEN: 'tok-variable',
  PROMPT_REGISTRY_LOCAL_DIR: '/variable',
  PROMPT_REGISTRY_TIMEOUT_MS: '2500',
  EXECUTION_MODE: 'live',
}

const values = (options: ClientOptions) => {
  const { functionName, auth, registryUrl, token, localDir, timeoutMs, mode } = readSettings(options)
  return { functionName, auth, registryUrl, token, localDir, timeoutMs, mode }
}

const NOTHING = {
  functionName: undefined,
  auth: undefined,
  registryUrl: undefined,
  token: undefined,
  localDir: undefined,
  timeoutMs: 10_000,
  mode: undefined,
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
  } as const
  expect(values({ ...options, env: VARIABLES })).toEqual(options)
})

test('an empty variable counts as none', () => {
  const empty = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, '']))
  expect(values({ env: empty })).toEqual(NOTHING)
  expect(values({ env: {} })).toEqual(NOTHING)
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
    expect(error.message).toBe('PROMPT_REGISTRY_TIMEOUT_MS ("10s") must be a number of milliseconds above 0.')
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

  test('an unknown mode', () => {
    expect(refusal({ mode: 'prod' }).code).toBe('invalid_mode')
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
