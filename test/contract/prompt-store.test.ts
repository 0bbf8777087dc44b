import { describeCoverage, describeFaults, describeStore } from '../support/registry-contract.ts'
import { sqliteFileHarness, sqliteMemoryHarness } from '../support/registry-sqlite.ts'
import { promptStoreCases } from './prompt-store.contract.ts'
import { promptFaults } from './prompt-store.faults.ts'

describeStore('SQLite on a file', promptStoreCases, sqliteFileHarness())
describeStore(
  'SQLite in memory',
  promptStoreCases.filter(({ needs }) => needs !== 'reopen'),
  sqliteMemoryHarness(),
)
describeFaults('prompts', promptStoreCases, promptFaults, sqliteFileHarness())
describeCoverage('prompts', promptStoreCases, promptFaults)
