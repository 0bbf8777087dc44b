import { expect, test } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { parseConfig } from '../../../controller/config.ts'
import type { Surroundings } from '../../../controller/configuration/surroundings.ts'
import { repositoriesOf } from '../../../controller/wiring/repositories.ts'

const SURROUNDINGS: Surroundings = {
  env: { TOKEN: 'secret' },
  hostname: 'host',
  instance: 'first',
  now: () => 0,
  random: () => 0,
  pause: async () => {},
  fetch: () => Promise.reject(new Error('nothing is asked while things are wired')),
  signal: new AbortController().signal,
}

function wire(sources: string, surroundings: Partial<Surroundings> = {}) {
  const config = parseConfig(`sources:\n${sources}`, 'promptctl.yaml')
  const api = {} as RegistryApi
  return repositoriesOf({ ...config, api, surroundings: { ...SURROUNDINGS, ...surroundings } })
}

const holders = (sources: string, surroundings?: Partial<Surroundings>) =>
  wire(sources, surroundings).flatMap(({ members }) => members.map(({ holder }) => holder))

const GITHUB =
  '  - { name: a, type: github, repository: acme/prompts, credentials: { passwordEnv: TOKEN } }\n'
const GIT = '  - { name: a, repository: https://git.example.com/acme/prompts }\n'

test("two processes that read by GitHub's interface are two writers, since nothing keeps them apart", () => {
  expect(holders(GITHUB)).not.toEqual(holders(GITHUB, { instance: 'second' }))
})

test("a process that takes another's place in git's folder is the same writer", () => {
  expect(holders(GIT)).toEqual(holders(GIT, { instance: 'second' }))
  expect(holders(GIT)).not.toEqual(holders(GIT, { hostname: 'another' }))
})

test('sources of one repository, branch and way of reading share it, and each is a writer of its own', () => {
  const alike = ['a', 'b'].map((name) => GIT.replace('name: a', `name: ${name}`)).join('')
  const [together, ...others] = wire(alike)
  expect([together?.members.length, others]).toEqual([2, []])
  expect(new Set(holders(alike)).size).toBe(2)
  expect(wire(alike + GIT.replace('name: a', 'name: c, branch: next'))).toHaveLength(2)
})

test('no version says what opens its repository', () => {
  const withLogin = GIT.replace('https://', 'https://bot:secret@')
  expect(wire(withLogin)[0]?.members[0]?.repository).toBe('https://git.example.com/acme/prompts')
})
