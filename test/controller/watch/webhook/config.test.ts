import { expect, test } from 'vitest'
import { ConfigError, parseConfig } from '../../../../controller/configuration/config.ts'
import { configDigest } from '../../../../controller/state/source-state.ts'
import { sourceConfig } from '../../../support/controller.ts'

const SOURCE = { name: 'a', repository: 'https://github.com/acme/prompts' }

test('a new webhook causes no full pass, because results do not depend on it', () => {
  const webhook = { secretEnv: 'HOOK_SECRET' }
  expect(configDigest(sourceConfig({ ...SOURCE, webhook }))).toBe(configDigest(sourceConfig(SOURCE)))
})

test.each([
  [{ host: 'azure', secretEnv: 'S' }, /webhook\.host/],
  [{ host: 'github' }, /webhook\.secretEnv/],
  [{ secretEnv: 'the secret itself' }, /webhook\.secretEnv: must be the name of an environment variable/],
  [{ secretEnv: 'S', nextSecretEnv: '' }, /webhook\.nextSecretEnv/],
  [{ secretEnv: 'S', secret: 'x' }, /webhook: .+secret/],
])('%j is rejected with its place', (webhook, message) => {
  const read = () => parseConfig(JSON.stringify({ sources: [{ ...SOURCE, webhook }] }), 'promptctl.yaml')
  expect(read).toThrow(ConfigError)
  expect(read).toThrow(message)
})
