import { describeOnAws } from '../support/aws/moto.ts'
import { awsHarness } from '../support/aws/world.ts'
import { firstOfEachKind } from '../support/first-of-each-kind.ts'
import { describeFaults, describeStore } from '../support/registry-contract.ts'
import { setStoreCases, setStoreKinds } from './set-store.contract.ts'
import { setFaults } from './set-store.faults.ts'

describeOnAws('sets on AWS', () => {
  describeStore('AWS', setStoreCases, awsHarness())
  const ofPages = setStoreCases.filter(({ name }) => /page by page/.test(name))
  // The long suite has all cases.
  describeStore('AWS in the smallest pages', ofPages, awsHarness({ stingy: true }))
  describeFaults('sets', setStoreCases, firstOfEachKind(setFaults, setStoreKinds), awsHarness())
})
