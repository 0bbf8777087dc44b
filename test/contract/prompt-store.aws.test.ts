import { describeOnAws } from '../support/aws/moto.ts'
import { awsHarness } from '../support/aws/world.ts'
import { describeFaults, describeStore } from '../support/registry-contract.ts'
import { promptStoreCases } from './prompt-store.contract.ts'
import { promptFaults } from './prompt-store.faults.ts'

describeOnAws('prompts on AWS', () => {
  describeStore('AWS', promptStoreCases, awsHarness())
  const ofPages = promptStoreCases.filter(({ name }) => /page by page|at once|whatever its config/.test(name))
  describeStore('AWS in the smallest pages', ofPages, awsHarness({ stingy: true }))
  // One fault for each case; on SQLite, which is quicker, there are all.
  const oneACase = [...new Map([...promptFaults].reverse().map((fault) => [fault.caught, fault])).values()]
  describeFaults('prompts', promptStoreCases, oneACase, awsHarness())
})
