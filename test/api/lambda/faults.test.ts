import { expect, test } from 'vitest'
import {
  ASKS,
  expectAnswerInTime,
  expectRetries,
  expectStalls,
  get,
  post,
  type SlowFault,
  STALL_MS,
  TOTAL_MS,
} from '../../support/aws/expect-answers.ts'
import {
  type Ask,
  type FunctionUnderFaults,
  functionUnderFaults,
} from '../../support/aws/function-under-faults.ts'
import { describeOnAws } from '../../support/aws/moto.ts'
import { seed } from '../../support/aws/registry.ts'

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
    expect(batch.tookMs).toBeLessThanOrEqual(TOTAL_MS)
    expect(batch.document.outcomes).toMatchObject([
      { ok: true, status: 201 },
      { ok: true, status: 200 },
      { ok: false, status: 503, code: 'busy' },
    ])
    proxy.fault = ({ key }) => (key.startsWith('q/') ? fault : undefined)
    const resolved = await ask(post('/resolve', { references: ['p', 'q', 'a'], mode: 'dev' }))
    expect(resolved.status).toBe(200)
    expect(resolved.tookMs).toBeLessThanOrEqual(STALL_MS)
    expect(resolved.document.results).toMatchObject([
      { prompt: { content: 'one' } },
      { code: 'busy' },
      { prompt: { content: 'text of a' } },
    ])
  })

  const promote = post('/prompts/q/promote', { version: 'draft' })

  test.each<SlowFault>(['throttle', 'hang'])(
    'a write is busy in less than two seconds, whenever AWS stops answering: %s',
    (fault) => expectStalls(promote, fault),
  )

  test('a write that takes many slow calls is not cut short', async () => {
    const { proxy, ask, world } = await functionUnderFaults()
    await seed(world, 's', { version: '1.0.0', text: 'one' }, { version: '1.1.0', text: 'two' })
    proxy.delayMs = 800
    proxy.fault = () => 'delay'
    const { status, tookMs } = await ask(post('/prompts', { prompt_id: 's', content: 'new' }))
    expect(status).toBe(201)
    expect(tookMs).toBeGreaterThan(2_000)
  })

  /** The write arrives, and AWS is silent from then on. */
  const askUnconfirmed = async ({ proxy, ask }: FunctionUnderFaults, asked: Ask) => {
    let isSilent = false
    proxy.delayMs = 60_000
    proxy.fault = ({ action }) => {
      if (isSilent) return 'hang'
      isSilent = action === 'TransactWriteItems'
      return isSilent ? 'delay' : undefined
    }
    const { status, retryAfter, document } = await ask(asked)
    proxy.fault = null
    expect([status, retryAfter]).toEqual([503, '1'])
    expect(document).toMatchObject({ code: 'busy', details: { unconfirmed: true } })
    return document
  }

  test.each([
    ['a push', post('/prompts', { prompt_id: 'p', content: 'new' }), { created: false }],
    ['a promotion', promote, { changed: false, version: 'draft' }],
    ['a revocation', post('/prompts/q/revoke', { version: 'draft', reason: 'bad' }), { changed: false }],
    ['a freeze', post('/prompts/p/hold', { reason: 'bad' }), { changed: false }],
  ])('%s that AWS does not confirm may be repeated, and says so', async (_, asked, expected) => {
    const world = await functionUnderFaults()
    const document = await askUnconfirmed(world, asked)
    expect(document.error).toBe(
      'AWS did not confirm the change, so it may have been made; repeat the request, which makes no change twice.',
    )
    expect(await world.ask(asked)).toMatchObject({ status: 200, document: expected })
  })

  test('a rollback that AWS does not confirm names the version with which a repeat goes back no further', async () => {
    const world = await functionUnderFaults()
    const { ask } = world
    for (const version of ['2.0.0', '3.0.0']) {
      await ask(post('/prompts', { prompt_id: 'p', content: version, version }))
      await ask(post('/prompts/p/promote', { version }))
    }
    const document = await askUnconfirmed(world, post('/prompts/p/rollback', { reason: 'bad' }))
    expect(document.details.version).toBe('2.0.0')
    const again = await ask(post('/prompts/p/rollback', { reason: 'bad', version: document.details.version }))
    expect(again).toMatchObject({ status: 200, document: { changed: false, version: '2.0.0' } })
    expect((await ask(get('/prompts/p'))).document.version).toBe('2.0.0')
  })
})
