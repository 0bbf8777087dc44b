import { describe, it } from 'vitest'
import { killRounds } from '../support/kill-rounds.ts'
import { killWriters } from '../support/writer-kills.ts'

// Fifty instants are in the long suite.
describe('serve', () => {
  it('ends in the same state after a kill at any instant of a first sync and a restart', async () => {
    await killRounds(2)
  }, 300_000)

  it('keeps every promotion that a worker answered, whenever it is killed', async () => {
    await killWriters(2)
  }, 300_000)
})
