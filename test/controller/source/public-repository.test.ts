import { describe, expect, it } from 'vitest'
import { publicRepository } from '../../../controller/source/public-repository.ts'

describe('the public address of a repository', () => {
  it.each([
    ['https://github.com/acme/prompts.git', 'https://github.com/acme/prompts.git'],
    ['https://user:secret@github.com/acme/prompts.git', 'https://github.com/acme/prompts.git'],
    ['https://secret@github.com/acme/prompts', 'https://github.com/acme/prompts'],
    ['http://user:secret@localhost:8080/a', 'http://localhost:8080/a'],
    ['https://user:se%40cret@host/a', 'https://host/a'],
    ['https://user:secret@host:no-port/a', 'https://host:no-port/a'],
    ['https://us er:sec/ret@host/a', 'https://host/a'],
    ['ssh://git@github.com/acme/prompts.git', 'ssh://github.com/acme/prompts.git'],
    ['git@github.com:acme/prompts.git', 'git@github.com:acme/prompts.git'],
    ['github.com:acme/prompts.git', 'github.com:acme/prompts.git'],
    ['/srv/git/prompts.git', '/srv/git/prompts.git'],
    ['file:///srv/git/prompts.git', 'file:///srv/git/prompts.git'],
    ['../prompts@home', '../prompts@home'],
  ])('of %s is %s', (repository, address) => {
    expect(publicRepository(repository)).toBe(address)
  })
})
