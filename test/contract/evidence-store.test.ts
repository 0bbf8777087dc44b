import { describeCoverage, describeFaults, describeStore } from '../support/registry-contract.ts'
import { sqliteFileHarness, sqliteMemoryHarness } from '../support/registry-sqlite.ts'
import { evidenceStoreCases } from './evidence-store.contract.ts'
import { evidenceFaults, evidenceWriteFaults } from './evidence-store.faults.ts'

// The store on AWS takes no evidence.

describeStore('SQLite on a file', evidenceStoreCases, sqliteFileHarness())
describeStore(
  'SQLite in memory',
  evidenceStoreCases.filter(({ needs }) => needs !== 'reopen'),
  sqliteMemoryHarness(),
)
describeFaults('evidence', evidenceStoreCases, evidenceFaults, sqliteFileHarness())
describeFaults('prompts', evidenceStoreCases, evidenceWriteFaults, sqliteFileHarness())
describeCoverage('evidence', evidenceStoreCases, [...evidenceFaults, ...evidenceWriteFaults])
