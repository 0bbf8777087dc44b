import { describeCoverage, describeFaults, describeStore } from '../support/registry-contract.ts'
import { sqliteFileHarness, sqliteMemoryHarness } from '../support/registry-sqlite.ts'
import { setStoreCases } from './set-store.contract.ts'
import { setFaults } from './set-store.faults.ts'

describeStore('SQLite on a file', setStoreCases, sqliteFileHarness())
describeStore(
  'SQLite in memory',
  setStoreCases.filter(({ needs }) => needs !== 'reopen'),
  sqliteMemoryHarness(),
)
describeFaults('sets', setStoreCases, setFaults, sqliteFileHarness())
describeCoverage('sets', setStoreCases, setFaults)
