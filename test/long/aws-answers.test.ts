import { test } from 'vitest'
import { ASKS, expectAnswerInTime, expectRetries, FAULTS } from '../support/aws/expect-answers.ts'
import { describeOnAws } from '../support/aws/moto.ts'

const MINUTES = 60_000

describeOnAws('the function while AWS fails', () => {
  for (const ask of ASKS) {
    test.each(FAULTS)(
      `${ask[0]} is answered in time and completed later: %s`,
      // The first one starts the emulator.
      { timeout: MINUTES },
      (fault) => expectAnswerInTime(ask, fault),
    )
  }

  test.each(FAULTS)(
    'a call that fails is made again, and what is acknowledged is there: %s',
    { timeout: 5 * MINUTES },
    (fault) => expectRetries(fault),
  )
})
