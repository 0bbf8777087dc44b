import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { makeController } from '../../support/controller.ts'
import { createRepository } from '../../support/git-repository.ts'
import { scratchFolder } from '../../support/scratch.ts'

const parsed = vi.hoisted((): string[] => [])

vi.mock(import('../../../api/contract/reading/read-prompt-file.ts'), async (original) => {
  const real = await original()
  return {
    ...real,
    readPromptFile: (bytes, options) => {
      parsed.push(Buffer.from(bytes).toString('utf8'))
      return real.readPromptFile(bytes, options)
    },
  }
})

const file = (text: string) => `---\ndescription: ${text}\n---\n${text}\n`

it('parses each text once in a pass, although it judges and pushes it', async () => {
  const folder = await scratchFolder()
  const repository = await createRepository(join(folder, 'repository'))
  await repository.commit({ 'prompts/a.md': file('one'), 'prompts/b.md': file('two') })
  await repository.tag('v1.0.0')
  await repository.commit({ 'prompts/a.md': file('three') })
  const controller = makeController({ folder, repository: repository.path })
  const report = await controller.sync()
  expect(report.counts).toMatchObject({ pushed: 3, promoted: 2 })
  expect(parsed.toSorted()).toEqual([file('one'), file('three'), file('two')])
  const { content } = await controller.api.resolve('b', { mode: 'production' })
  expect(content).toBe('two\n')
})
