import { expect, test } from 'vitest'
import { settle } from '../../../controller/pass/settle.ts'
import { makeRegistry, read } from '../../support/registry.ts'
import { interrupted } from '../../support/sets/gate.ts'
import { registryOn } from '../../support/sets/stores.ts'
import { leased, passAt, SOURCE } from '../../support/sets.ts'

/**
 * Settles a source that was rolled back from 3.0.0 to 2.0.0. At one call to the stores, a person rolls a prompt back to
 * 1.0.0, in two steps. Returns what readers then got, and whether there was such a call.
 */
async function settledMeanwhile(actsAt: number) {
  const { writer, admin, clock, close, ...stores } = makeRegistry()
  for (const version of ['1', '2', '3'])
    await passAt(writer, `${version}.0.0`, { a: `a ${version}`, b: `b ${version}` })
  await writer.rollbackSource(SOURCE, { to: 'v2.0.0' })
  const token = await leased(writer)
  const seen = new Set<string>()
  let calls = 0
  let acted = false
  const onCall = async () => {
    if (++calls === actsAt) {
      while ((await read(admin, 'a')) !== 'a 1') await admin.rollback('a', {})
      acted = true
    }
    if (acted) seen.add(await read(admin, 'a'))
  }
  const api = registryOn(interrupted(stores, onCall), clock).as({
    ...{ actor: 'controller', access: 'write', sources: 'any' },
  })
  await settle({ api, source: { name: SOURCE }, token })
  if (acted) seen.add(await read(admin, 'a'))
  const { settling } = await admin.currentSet(SOURCE)
  const others = await read(admin, 'b')
  close()
  return { acted, seen: [...seen], others, settling }
}

test('a rollback by hand is never undone while prompts follow their source, at whichever call it comes', async () => {
  let actsAt = 0
  for (;;) {
    const { acted, ...rest } = await settledMeanwhile(++actsAt)
    if (!acted) break
    expect(rest, `at call ${actsAt}`).toEqual({ seen: ['a 1'], others: 'b 2', settling: false })
  }
  // Not all of it comes before the first or after the last call.
  expect(actsAt).toBeGreaterThan(10)
})
