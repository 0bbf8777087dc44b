import { describe, it } from 'vitest'
import { expectIdleCosts } from '../support/idle.ts'

describe('a source where nothing moved', () => {
  // test/long has 10,000 prompts.
  it.each([
    { prompts: 10, tags: 2 },
    { prompts: 200, tags: 20 },
  ])(
    'costs one listing and one read of the registry with $prompts prompts and $tags tags',
    async (size) => {
      await expectIdleCosts(size)
    },
    120_000,
  )
})
