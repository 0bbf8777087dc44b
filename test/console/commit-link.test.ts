import { expect, test } from 'vitest'
import { commitLink } from '../../console/commit-link.ts'

const COMMIT = 'a'.repeat(40)

test.for([
  ['https://github.com/acme/prompts.git', `https://github.com/acme/prompts/commit/${COMMIT}`],
  ['https://github.com/acme/prompts/', `https://github.com/acme/prompts/commit/${COMMIT}`],
  ['git@github.com:acme/prompts.git', `https://github.com/acme/prompts/commit/${COMMIT}`],
  ['ssh://git@git.example.com:2222/acme/prompts', `https://git.example.com/acme/prompts/commit/${COMMIT}`],
  ['https://gitlab.com/acme/team/prompts.git', `https://gitlab.com/acme/team/prompts/-/commit/${COMMIT}`],
  ['https://bitbucket.org/acme/prompts', `https://bitbucket.org/acme/prompts/commits/${COMMIT}`],
  ['https://git.example.com:8443/acme/prompts', `https://git.example.com:8443/acme/prompts/commit/${COMMIT}`],
] as const)('links a commit of %s', ([repository, link]) => {
  expect(commitLink(repository, COMMIT)).toBe(link)
})

test.for([
  'http://github.com/acme/prompts',
  '/srv/git/prompts',
  './prompts',
  'file:///srv/git/prompts',
  'javascript:alert(1)//a.example/b/c',
  'data:text/html,x',
  'https://localhost/acme/prompts',
  'https://github.com',
  '',
])('links no commit of %s', (repository) => {
  expect(commitLink(repository, COMMIT)).toBeNull()
})

test('never shows a password of the address, and links only object names', () => {
  expect(commitLink('https://ada:secret@github.com/acme/prompts', COMMIT)).not.toContain('secret')
  expect(commitLink('https://github.com/acme/prompts', '../../x')).toBeNull()
  expect(commitLink('https://github.com/acme/prompts', undefined)).toBeNull()
})
