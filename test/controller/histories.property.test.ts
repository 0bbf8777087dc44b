import { test } from 'vitest'
import { checkHistories } from '../support/histories/property.ts'

test('a registry follows a repository along its releases, whatever happens to either of them', async () => {
  await checkHistories({ numRuns: 100 })
})
