import { describeOnAws } from '../support/aws/moto.ts'
import { awsHarness } from '../support/aws/world.ts'
import { describeFaults, describeStore } from '../support/registry-contract.ts'
import { readStoreCases } from './read-store.contract.ts'
import { readFaults } from './read-store.faults.ts'

describeOnAws('reads on AWS', () => {
  describeStore('AWS', readStoreCases, awsHarness())
  const ofPages = readStoreCases.filter(({ name }) => /page by page/.test(name))
  describeStore('AWS in the smallest pages', ofPages, awsHarness({ stingy: true }))
  describeFaults('reads', readStoreCases, readFaults, awsHarness())
})
