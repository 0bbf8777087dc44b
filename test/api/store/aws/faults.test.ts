import { test } from 'vitest'
import { JOURNEYS, strikeEveryCall } from '../../../support/aws/fault-journeys.ts'
import { describeOnAws } from '../../../support/aws/moto.ts'

describeOnAws('faults between any two calls to AWS', () => {
  for (const journey of JOURNEYS.filter(({ isLong }) => isLong !== true)) {
    test(`${journey.name} is whole where a call is lost, and a retry completes it`, () =>
      strikeEveryCall(journey, 'break'))
  }
  for (const journey of JOURNEYS.filter(({ name }) => !name.includes('very many'))) {
    test(`${journey.name} is recognised where the answer to a write is lost`, () =>
      strikeEveryCall(journey, 'drop'))
  }
})
