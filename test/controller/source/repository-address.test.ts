import { expect, test } from 'vitest'
import { repositoryHost, sameRepositoryKey } from '../../../controller/source/repository-address.ts'

const ACME = [
  'https://github.com/acme/prompts.git',
  'https://github.com/acme/prompts',
  'https://GitHub.com/Acme/prompts/',
  'https://user:secret@github.com:443/acme/prompts.git',
  'ssh://git@github.com:22/acme/prompts.git',
  'git@github.com:acme/prompts.git',
  'github.com:/acme/prompts',
]

test.each(ACME)('%s is the same repository as its other addresses, on its host', (address) => {
  expect(sameRepositoryKey(address)).toBe('github.com/acme/prompts')
  expect(repositoryHost(address)).toBe('github.com')
})

test('other repositories, hosts and paths are others', () => {
  const others = [
    'https://github.com/acme/other',
    'https://gitlab.com/acme/prompts',
    'https://github.com/prompts',
    '/srv/git/acme/prompts',
    '/srv/git/Acme/prompts',
    'file:///srv/git/acme/prompts',
  ]
  expect(new Set([...others, ...ACME].map(sameRepositoryKey)).size).toBe(others.length + 1)
})

test.each(['/srv/git/prompts', './prompts', 'file:///srv/git/prompts', 'https://', ''])(
  'a repository at %j has no host',
  (address) => {
    expect(repositoryHost(address)).toBeUndefined()
  },
)
