import { expect, test } from 'vitest'
import { presumedHost } from '../../../../controller/watch/webhook/hosts.ts'

test.each([
  ['https://github.com/acme/prompts.git', 'github'],
  ['git@github.com:acme/prompts.git', 'github'],
  ['https://github.acme.example/team/prompts', 'github'],
  ['https://acme.ghe.com/team/prompts', 'github'],
  ['https://gitlab.com/acme/prompts', 'gitlab'],
  ['ssh://git@gitlab.example.com:2222/acme/prompts.git', 'gitlab'],
  ['https://gitea.example.com/acme/prompts', 'gitea'],
  ['https://codeberg.org/acme/prompts', 'gitea'],
  ['https://forgejo.example.com/acme/prompts', 'forgejo'],
  ['https://bitbucket.org/acme/prompts', 'bitbucket'],
  ['https://git.example.com/github/gitlab.git', 'generic'],
  ['https://notgithub.com/acme/prompts', 'generic'],
  ['https://gitlab:secret@git.example.com/acme/prompts', 'generic'],
  ['/srv/git/github.com/prompts', 'generic'],
  ['file:///srv/github/prompts', 'generic'],
])('%s is on host %s', (repository, host) => {
  expect(presumedHost(repository)).toBe(host)
})
