import { expect, test } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { settle } from '../../../controller/pass/settle.ts'
import { makeRegistry, read } from '../../support/registry.ts'
import { interrupted } from '../../support/sets/gate.ts'
import { registryOn } from '../../support/sets/stores.ts'
import { leased, passAt, SOURCE } from '../../support/sets.ts'

/** Takes the prompt "a" to 1.0.0, by whatever it rolls back. */
type ToFirst = (api: RegistryApi) => Promise<unknown>

const byHand: ToFirst = async (api) => {
  while ((await read(api, 'a')) !== 'a 1') await api.rollback('a', {})
}
const bySource: ToFirst = (api) => api.rollbackSource(SOURCE, { to: 'v1.0.0' })

/**
 * Settles a source that was rolled back from 3.0.0 to 2.0.0. At one call to the stores, a person acts. Returns what
 * readers then got, and whether there was such a call.
 */
async function settledMeanwhile(actsAt: number, act: ToFirst) {
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
      await act(admin)
      acted = true
    }
    if (acted) seen.add(await read(admin, 'a'))
  }
  const api = registryOn(interrupted(stores, onCall), clock).as({
    ...{ actor: 'controller', access: 'write', sources: 'any' },
  })
  const pass = { api, source: { name: SOURCE }, token }
  await settle(pass)
  // After a rollback at the end, the prompts follow with the next pass.
  if ((await admin.currentSet(SOURCE)).settling) await settle(pass)
  if (acted) seen.add(await read(admin, 'a'))
  const { settling, set } = await admin.currentSet(SOURCE)
  const { members } = await admin.releaseSet(set)
  const last = [await read(admin, 'a'), await read(admin, 'b')]
  const inSet = await Promise.all(
    ['a', 'b'].map(async (id) => (await admin.resolve(id)).identity === members[id]),
  )
  close()
  return { acted, seen: [...seen], last, settling, inSet }
}

test('a rollback by hand is never undone while prompts follow their source, at whichever call it comes', async () => {
  let actsAt = 0
  for (;;) {
    const { acted, seen, ...rest } = await settledMeanwhile(++actsAt, byHand)
    if (!acted) break
    expect(seen, `at call ${actsAt}`).toEqual(['a 1'])
    expect(rest).toEqual({ last: ['a 1', 'b 2'], settling: false, inSet: [true, true] })
  }
  // Not all of it comes before the first or after the last call.
  expect(actsAt).toBeGreaterThan(10)
})

test('a rollback of the source is never undone while prompts follow an earlier one, at whichever call it comes', async () => {
  let actsAt = 0
  for (;;) {
    const { acted, seen: _, ...rest } = await settledMeanwhile(++actsAt, bySource)
    if (!acted) break
    expect(rest, `at call ${actsAt}`).toEqual({
      last: ['a 1', 'b 1'],
      settling: false,
      inSet: [true, true],
    })
  }
  expect(actsAt).toBeGreaterThan(10)
})
