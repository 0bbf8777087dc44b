import { expect, test } from 'vitest'
import { dayOf } from '../../api/contract/day.ts'
import type { PromptId } from '../../api/contract/prompt-id.ts'
import { createConsole } from '../../console/console.ts'
import { makeRegistry, release } from '../support/registry.ts'

/** The confirmation of a revocation of the prompt `p`, which an agent reads. */
async function revocation(releases: readonly string[], readsFail = false): Promise<string> {
  const { admin, reads, clock } = makeRegistry()
  let version = ''
  for (const name of releases) version = await release(admin, 'p', name)
  const day = dayOf(clock.now)
  await reads.add([{ promptId: 'p' as PromptId, version, application: 'triage-agent', day, reads: 12 }], 90)
  const api = readsFail ? { ...admin, reads: () => Promise.reject(new Error('down')) } : admin
  const app = createConsole({
    authenticate: () => ({ actor: 'ada', access: 'admin', api }),
    where: 'here',
    now: () => clock.now,
    newId: () => 'a'.repeat(20),
    onError: () => undefined,
    classOfFinding: () => 'notice',
  })
  return await (await app.request('/console/act/revoke/p')).text()
}

const READERS = 'The prompt was read 12 times in the last 7 days, by triage-agent.'

test('a revocation that leaves nothing stable shows first who reads the prompt', async () => {
  expect(await revocation(['1.0.0'])).toContain(`agents get an error. ${READERS}`)
})

test('one that leaves an earlier release does not', async () => {
  const page = await revocation(['1.0.0', '1.1.0'])
  expect(page).toContain('Stable afterwards')
  expect(page).not.toContain(READERS)
})

test('one is offered even if the reads cannot be read', async () => {
  expect(await revocation(['1.0.0'], true)).toContain('Revoke for good')
})
