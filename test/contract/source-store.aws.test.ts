import { describeOnAws } from '../support/aws/moto.ts'
import { awsHarness } from '../support/aws/world.ts'
import { firstOfEachKind } from '../support/first-of-each-kind.ts'
import { describeFaults, describeStore } from '../support/registry-contract.ts'
import { sourceStoreCases, sourceStoreKinds } from './source-store.contract.ts'
import { sourceFaults } from './source-store.faults.ts'

describeOnAws('sources on AWS', () => {
  describeStore('AWS', sourceStoreCases, awsHarness())
  const ofPages = sourceStoreCases.filter(({ name }) => /page by page/.test(name))
  // The long suite has all cases.
  describeStore('AWS in the smallest pages', ofPages, awsHarness({ stingy: true }))
  describeFaults('sources', sourceStoreCases, firstOfEachKind(sourceFaults, sourceStoreKinds), awsHarness())
})
