import { expect, test } from 'vitest'
import {
  ASKS,
  BATCH_MS,
  expectAnswerInTime,
  expectRetries,
  post,
  READ_MS,
  type SlowFault,
} from '../../support/aws/expect-answers.ts'
import { functionUnderFaults } from '../../support/aws/function-under-faults.ts'
import { describeOnAws } from '../../support/aws/moto.ts'

const push = (prompt_id: string) => ({ op: 'push', prompt_id, content: `text of ${prompt_id}` })

// The long suite tries every fault for every request.
describeOnAws('the function while AWS fails', () => {
  for (const ask of ASKS) {
    test.each<SlowFault>(['throttle', 'hang'])(
      `${ask[0]} is answered in time and completed later: %s`,
      (fault) => expectAnswerInTime(ask, fault),
    )
  }

  test.each<SlowFault>(['hang', 'cut'])(
    'a failed call is retried, and acknowledged writes are stored: %s',
    (fault) => expectRetries(fault),
  )

  test.each<SlowFault>(['throttle', 'hang'])('a batch returns its finished part: %s', async (fault) => {
    const { proxy, ask } = await functionUnderFaults()
    const operations = [push('a'), { op: 'promote', prompt_id: 'q', version: 'draft' }, push('b')]
    proxy.fault = ({ key }) => (key.startsWith('b/') ? fault : undefined)
    const batch = await ask(post('/batch', { operations }))
    expect(batch.status).toBe(200)
    expect(batch.tookMs).toBeLessThanOrEqual(BATCH_MS)
    expect(batch.document.outcomes).toMatchObject([
      { ok: true, status: 201 },
      { ok: true, status: 200 },
      { ok: false, status: 503, code: 'busy' },
    ])
    proxy.fault = ({ key }) => (key.startsWith('q/') ? fault : undefined)
    const resolved = await ask(post('/resolve', { references: ['p', 'q', 'a'], mode: 'dev' }))
    expect(resolved.status).toBe(200)
    expect(resolved.tookMs).toBeLessThanOrEqual(READ_MS)
    expect(resolved.document.results).toMatchObject([
      { prompt: { content: 'one' } },
      { code: 'busy' },
      { prompt: { content: 'text of a' } },
    ])
  })
})
