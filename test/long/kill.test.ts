import { describe, it } from 'vitest'
import { killRounds } from '../support/kill-rounds.ts'
import { killWriters } from '../support/writer-kills.ts'

describe('serve', () => {
  it('ends in the same state after a kill at any of 50 random instants of a first sync and a restart', async () => {
    await killRounds(50)
  }, 1_800_000)

  it('keeps every promotion that a worker answered, whenever it is killed', async () => {
    await killWriters(30)
  }, 1800_000)
})
