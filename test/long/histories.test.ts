import { describe, it } from 'vitest'
import { checkHistories, checkRealHistories } from '../support/histories/property.ts'
import { scratchFolder } from '../support/scratch.ts'

describe('what is true of every history', () => {
  it('is true of thousands', async () => {
    await checkHistories({ numRuns: 2_000 })
  }, 900_000)

  it('is true of many in repositories of git’s own', async () => {
    await checkRealHistories(await scratchFolder(), { numRuns: 60 })
  }, 900_000)
})
