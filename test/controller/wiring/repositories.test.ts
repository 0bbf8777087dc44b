import { expect, test } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { parseConfig } from '../../../controller/configuration/config.ts'
import type { Runtime } from '../../../controller/values/runtime.ts'
import { repositoriesOf } from '../../../controller/wiring/repositories.ts'

const SURROUNDINGS: Runtime = {
  env: { TOKEN: 'secret' },
  hostname: 'host',
  instance: 'first',
  now: () => 0,
  random: () => 0,
  pause: async () => {},
  fetch: () => Promise.reject(new Error('nothing is asked while things are wired')),
  signal: new AbortController().signal,
}

function wire(sources: string, runtime: Partial<Runtime> = {}) {
  const config = parseConfig(`sources:\n${sources}`, 'promptctl.yaml')
  const api = {} as RegistryApi
  return repositoriesOf({ ...config, api, runtime: { ...SURROUNDINGS, ...runtime } })
}

const holders = (sources: string, runtime?: Partial<Runtime>) =>
  wire(sources, runtime).flatMap(({ members }) => members.map(({ holder }) => holder))

const GITHUB =
  '  - { name: a, type: github, repository: acme/prompts, credentials: { passwordEnv: TOKEN } }\n'
const GIT = '  - { name: a, repository: https://git.example.com/acme/prompts }\n'

test("two processes that read by GitHub's API are two writers, because they share no folder", () => {
  expect(holders(GITHUB)).not.toEqual(holders(GITHUB, { instance: 'second' }))
})

test("a process that takes over another's git folder is the same writer", () => {
  expect(holders(GIT)).toEqual(holders(GIT, { instance: 'second' }))
  expect(holders(GIT)).not.toEqual(holders(GIT, { hostname: 'another' }))
})

test('sources with the same repository, branch and type share it, and each is a separate writer', () => {
  const alike = ['a', 'b'].map((name) => GIT.replace('name: a', `name: ${name}`)).join('')
  const [together, ...others] = wire(alike)
  expect([together?.members.length, others]).toEqual([2, []])
  expect(new Set(holders(alike)).size).toBe(2)
  expect(wire(alike + GIT.replace('name: a', 'name: c, branch: next'))).toHaveLength(2)
})

test("no version contains its repository's credentials", () => {
  const withLogin = GIT.replace('https://', 'https://bot:secret@')
  expect(wire(withLogin)[0]?.members[0]?.repository).toBe('https://git.example.com/acme/prompts')
})
