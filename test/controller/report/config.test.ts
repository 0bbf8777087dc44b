import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../../controller/configuration/config.ts'
import { configDigest } from '../../../controller/state/source-state.ts'

describe('reports', () => {
  const read = (source: string) => parseConfig(`sources: [{ name: demo, ${source} }]`, 'p.yaml').sources[0]
  const TOKEN = 'credentials: { passwordEnv: T }'

  test.each([
    `repository: "https://github.com/acme/prompts", ${TOKEN}`,
    `repository: "git@github.com:acme/prompts.git", reports: { statuses: true, ${TOKEN} }, type: git`,
    'repository: "https://token@github.com/acme/prompts"',
    `repository: "https://acme.ghe.com/acme/prompts", ${TOKEN}`,
    `repository: "https://git.acme.com/acme/prompts", apiUrl: "https://git.acme.com/api/v3", ${TOKEN}`,
    `repository: acme/prompts, type: github, ${TOKEN}`,
    'repository: "https://git.acme.com/acme/prompts", credentials: { appId: 1, privateKeyEnv: K }',
  ])('are taken where they can be made: %s', (source) => {
    const reports = source.includes('reports:') ? '' : ', reports: { pullRequests: true }'
    expect(read(source + reports)?.reports).toMatchObject({ forks: false })
  })

  test('are off by default', () => {
    expect(read(`repository: "https://github.com/acme/prompts"`)?.reports).toBeUndefined()
    expect(
      read(`repository: "https://github.com/acme/prompts", ${TOKEN}, reports: {}`)?.reports,
    ).toMatchObject({
      statuses: false,
      pullRequests: false,
    })
  })

  test.each([
    [`repository: "https://gitlab.com/acme/prompts", ${TOKEN}`, 'work on GitHub only'],
    [`repository: /srv/prompts, ${TOKEN}`, 'work on GitHub only'],
    ['repository: "https://github.com/acme/prompts"', 'no credentials'],
    ['repository: "git@github.com:acme/prompts.git"', 'no credentials'],
  ])('are refused in words where they cannot be: %s', (source, words) => {
    expect(() => read(`${source}, reports: { statuses: true }`)).toThrow(
      expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining(words) }),
    )
  })

  test('need no full pass when they change', () => {
    const digest = (reports: string) => {
      const source = read(`repository: "https://github.com/acme/prompts", ${TOKEN}${reports}`)
      return source === undefined ? '' : configDigest(source)
    }
    expect(digest(', reports: { statuses: true }')).toBe(digest(''))
  })
})
