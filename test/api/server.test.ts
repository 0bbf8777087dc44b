import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type EmbeddedRegistryOptions, openEmbeddedRegistry } from '../../api/server.ts'
import { scratchFolder } from '../support/scratch.ts'

const open = async (...tokens: string[]) => {
  const options: EmbeddedRegistryOptions = {
    file: join(await scratchFolder(), 'registry.db'),
    tokens: tokens.map((token, index) => ({ name: `t${index}`, access: 'read', sources: [], token })),
    log: { error: () => undefined },
  }
  openEmbeddedRegistry(options).close()
}

test.each([
  ['a short token', ['x'.repeat(19)], 'The token "t0" has 19 characters, and fewer than 20 can be guessed'],
  ['an empty token', [''], 'The token "t0" has 0 characters'],
  ['a token with a line break', [`${'x'.repeat(20)}\n`], 'The token "t0" has a space, a line break'],
  ['a token that no header carries', ['ü'.repeat(20)], 'The token "t0" has a space, a line break'],
  ['the same token twice', ['x'.repeat(20), 'x'.repeat(20)], 'The token "t1" is also that of "t0"'],
])('%s is refused when the registry starts', async (_, tokens, sentence) => {
  await expect(open(...tokens)).rejects.toThrow(sentence)
})

test('tokens of 20 characters are accepted', async () => {
  await expect(open('x'.repeat(20), 'y'.repeat(44))).resolves.toBeUndefined()
})
