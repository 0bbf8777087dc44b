import { expect, test } from 'vitest'
import { placeOf, repositoryHost, sameRepositoryKey } from '../../../controller/source/repository-address.ts'

const ACME = [
  'https://github.com/acme/prompts.git',
  'https://github.com/acme/prompts',
  'https://GitHub.com/Acme/prompts/',
  'https://user:secret@github.com:443/acme/prompts.git',
  'ssh://git@github.com:22/acme/prompts.git',
  'git@github.com:acme/prompts.git',
  'github.com:/acme/prompts',
]

test.each(ACME)('%s has the key and host of its other addresses', (address) => {
  expect(sameRepositoryKey(address)).toBe('github.com/acme/prompts')
  expect(repositoryHost(address)).toBe('github.com')
})

test('other repositories, hosts and paths have other keys', () => {
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

test.each([
  ['https://user:secret@Git.Example.com:8443/acme/prompts.git', 'git.example.com'],
  ['git.example.com:other/prompts', 'git.example.com'],
  ['ssh://git@[::1]:2222/prompts', '[::1]'],
  ['https://github.com/acme/prompts', 'github.com/acme'],
  ['https://www.github.com/Acme/other.git', 'github.com/acme'],
  ['https://github.com./acme/other.git', 'github.com/acme'],
  ['git@github.com:acme/third.git', 'github.com/acme'],
  ['ssh://git@ssh.github.com:443/acme/prompts.git', 'github.com/acme'],
  ['https://github.com/beta/prompts', 'github.com/beta'],
  ['https://tenant.ghe.com/acme/prompts', 'tenant.ghe.com/acme'],
  ['https://notgithub.com/acme/prompts', 'notgithub.com'],
  ['https://github.com.example.com/acme/prompts', 'github.com.example.com'],
  ['/srv/git/prompts', 'localhost'],
  ['file:///srv/git/prompts', 'localhost'],
])('a repository at %s takes the turn of %s', (address, place) => {
  expect(placeOf(address)).toBe(place)
})
