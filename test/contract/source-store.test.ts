import { describeCoverage, describeFaults, describeStore } from '../support/registry-contract.ts'
import { sqliteFileHarness, sqliteMemoryHarness } from '../support/registry-sqlite.ts'
import { sourceStoreCases } from './source-store.contract.ts'
import { sourceFaults } from './source-store.faults.ts'

describeStore('SQLite on a file', sourceStoreCases, sqliteFileHarness())
describeStore(
  'SQLite in memory',
  sourceStoreCases.filter(({ needs }) => needs !== 'reopen'),
  sqliteMemoryHarness(),
)
describeFaults('sources', sourceStoreCases, sourceFaults, sqliteFileHarness())
describeCoverage('sources', sourceStoreCases, sourceFaults)
