import { describeOnAws } from '../support/aws/moto.ts'
import { awsHarness } from '../support/aws/world.ts'
import { firstOfEachKind } from '../support/first-of-each-kind.ts'
import { describeFaults, describeStore } from '../support/registry-contract.ts'
import { promptStoreCases, promptStoreKinds } from './prompt-store.contract.ts'
import { promptFaults } from './prompt-store.faults.ts'

describeOnAws('prompts on AWS', () => {
  describeStore('AWS', promptStoreCases, awsHarness())
  const ofPages = promptStoreCases.filter(({ name }) => /page by page|at once|whatever its config/.test(name))
  describeStore('AWS in the smallest pages', ofPages, awsHarness({ stingy: true }))
  // All faults are tried on SQLite, which is quicker, and in the long suite.
  describeFaults('prompts', promptStoreCases, firstOfEachKind(promptFaults, promptStoreKinds), awsHarness())
})
