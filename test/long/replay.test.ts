import { expect, it } from 'vitest'
import { fabricMissing } from '../support/fabric.ts'
import { expectReplay } from '../support/replay.ts'
import { scratchFolder } from '../support/scratch.ts'

const missing = fabricMissing()

it('a real history of prompts is in the registry as it is in git after every tag of it', async (context) => {
  if (missing !== undefined) context.skip(missing)
  await expectReplay(await scratchFolder(), 1)
  expect.hasAssertions()
}, 900_000)
