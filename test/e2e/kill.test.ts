import { describe, it } from 'vitest'
import { killRounds } from '../support/kill-rounds.ts'

// Fifty instants are in the long suite.
describe('serve', () => {
  it('ends in the same state after a kill at any instant of a first sync and a restart', async () => {
    await killRounds(4)
  }, 120_000)
})
