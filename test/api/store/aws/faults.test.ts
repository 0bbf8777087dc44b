import { test } from 'vitest'
import { JOURNEYS, strikeEveryCall } from '../../../support/aws/fault-journeys.ts'
import { describeOnAws } from '../../../support/aws/moto.ts'

const QUICK = JOURNEYS.filter(({ isLong }) => isLong !== true)

describeOnAws('faults between any two calls to AWS', () => {
  for (const journey of QUICK) {
    test(`${journey.name} is consistent if a call is lost, and a retry completes it`, () =>
      strikeEveryCall(journey, 'break'))
  }
  for (const journey of QUICK) {
    test(`${journey.name} is recognised if the response to a write is lost`, () =>
      strikeEveryCall(journey, 'drop'))
  }
})
