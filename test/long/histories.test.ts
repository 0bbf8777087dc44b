import { expect, it } from 'vitest'
import { checkHistories } from '../support/histories/property.ts'

it('holds what holds of every history for thousands of them', async () => {
  await expect(checkHistories({ numRuns: 3_000 })).resolves.toBeUndefined()
}, 900_000)
