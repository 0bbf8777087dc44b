import { test } from 'vitest'
import { JOURNEYS, strikeEveryCall } from '../support/aws/fault-journeys.ts'
import { describeOnAws } from '../support/aws/moto.ts'

const MINUTES = 60_000

describeOnAws('faults between any two calls to AWS', () => {
  for (const fault of ['break', 'drop'] as const) {
    for (const journey of JOURNEYS.filter(({ isLong }) => isLong)) {
      const where = fault === 'break' ? 'a call is lost' : 'the answer to a write is lost'
      test(
        `${journey.name} is whole where ${where}, and a retry completes it`,
        { timeout: 20 * MINUTES },
        () => strikeEveryCall(journey, fault),
      )
    }
  }
})
