import { describe, it } from 'vitest'
import { killRounds } from '../support/kill-rounds.ts'

describe('serve', () => {
  it('ends in the same state after a kill at any of 50 random instants of a first sync and a restart', async () => {
    await killRounds(50)
  }, 1_800_000)
})
