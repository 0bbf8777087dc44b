import { describeCoverage, describeFaults, describeStore } from '../support/registry-contract.ts'
import { sqliteFileHarness, sqliteMemoryHarness } from '../support/registry-sqlite.ts'
import { readStoreCases } from './read-store.contract.ts'
import { readFaults } from './read-store.faults.ts'

describeStore('SQLite on a file', readStoreCases, sqliteFileHarness())
describeStore(
  'SQLite in memory',
  readStoreCases.filter(({ needs }) => needs !== 'reopen'),
  sqliteMemoryHarness(),
)
describeFaults('reads', readStoreCases, readFaults, sqliteFileHarness())
describeCoverage('reads', readStoreCases, readFaults)
