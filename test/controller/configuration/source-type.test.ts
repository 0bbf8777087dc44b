import { describe, expect, test } from 'vitest'
import { sourceType } from '../../../controller/configuration/source-type.ts'

const LAMBDA = { AWS_LAMBDA_FUNCTION_NAME: 'acme-controller' }
const HERE = {}
const GITHUB = 'https://github.com/acme/prompts.git'
const TOKEN = { passwordEnv: 'TOKEN' }
const APP = { appId: 7, privateKeyEnv: 'KEY' }

describe('a source is read', () => {
  test.each([
    ['by git on a machine, wherever it is', { repository: GITHUB }, HERE, 'git'],
    ["by GitHub's interface inside Lambda", { repository: GITHUB }, LAMBDA, 'github'],
    ['so by its SSH address too', { repository: 'git@github.com:acme/prompts.git' }, LAMBDA, 'github'],
    ['so with data residency too', { repository: 'https://acme.ghe.com/a/b' }, LAMBDA, 'github'],
    ['by git inside Lambda from other hosts', { repository: 'https://git.example.com/a/b' }, LAMBDA, 'git'],
    ['by git from a host with a like name', { repository: 'https://notgithub.com/a/b' }, LAMBDA, 'git'],
    ['by git from a folder', { repository: '/prompts' }, LAMBDA, 'git'],
    ['as it is configured, inside Lambda', { repository: GITHUB, type: 'git' as const }, LAMBDA, 'git'],
    ['as it is configured, elsewhere', { repository: GITHUB, type: 'github' as const }, HERE, 'github'],
    ["by the interface with an App's key", { repository: GITHUB, credentials: APP }, HERE, 'github'],
    ['by git with a token', { repository: GITHUB, credentials: TOKEN }, HERE, 'git'],
    ['by an interface that is named', { repository: GITHUB, apiUrl: 'https://g/api/v3' }, HERE, 'github'],
  ])('%s', (_, source, env, type) => {
    const whole = { type: undefined, apiUrl: undefined, credentials: undefined, ...source }
    expect(sourceType(whole, { env })).toBe(type)
  })
})
