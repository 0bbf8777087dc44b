import { promptStoreCases } from '../contract/prompt-store.contract.ts'
import { promptFaults } from '../contract/prompt-store.faults.ts'
import { setStoreCases } from '../contract/set-store.contract.ts'
import { setFaults } from '../contract/set-store.faults.ts'
import { sourceStoreCases } from '../contract/source-store.contract.ts'
import { sourceFaults } from '../contract/source-store.faults.ts'
import { describeOnAws } from '../support/aws/moto.ts'
import { awsHarness } from '../support/aws/world.ts'
import { describeFaults, describeStore } from '../support/registry-contract.ts'

describeOnAws('the contracts on AWS', () => {
  describeStore('AWS in the smallest pages', promptStoreCases, awsHarness({ stingy: true }))
  describeStore('AWS in the smallest pages', sourceStoreCases, awsHarness({ stingy: true }))
  describeStore('AWS in the smallest pages', setStoreCases, awsHarness({ stingy: true }))
  describeFaults('prompts', promptStoreCases, promptFaults, awsHarness())
  describeFaults('sources', sourceStoreCases, sourceFaults, awsHarness())
  describeFaults('sets', setStoreCases, setFaults, awsHarness())
})
