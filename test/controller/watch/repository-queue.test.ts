import { describe, expect, it } from 'vitest'
import { RepositoryQueue } from '../../../controller/watch/repository-queue.ts'
import { createTurns } from '../../../controller/watch/turns.ts'
import { quiet } from '../../support/virtual-time.ts'

/** A queue whose rounds wait until released. A round's result is its number. */
function queueUnderTest(inTurn = createTurns(1)) {
  const rounds: string[] = []
  const gates: PromiseWithResolvers<void>[] = []
  let working = 0
  const queue = new RepositoryQueue<string>(async (sources) => {
    expect(++working).toBe(1)
    const number = rounds.push(sources.join(' '))
    const gate = Promise.withResolvers<void>()
    gates.push(gate)
    await gate.promise.finally(() => working--)
    return new Map(sources.flatMap((source) => (source === 'lost' ? [] : [[source, `round ${number}`]])))
  }, inTurn)
  const next = async () => {
    await quiet()
    const gate = gates.shift()
    if (gate === undefined) throw new Error('no round runs')
    return gate
  }
  return { queue, rounds, next }
}

describe('the queue of a repository', () => {
  it('serves all requests of one turn in one round, each source once', async () => {
    const { queue, rounds, next } = queueUnderTest()
    const asked = ['a', 'b', 'a'].map((source) => queue.request(source))
    ;(await next()).resolve()
    expect(await Promise.all(asked)).toEqual(['round 1', 'round 1', 'round 1'])
    expect(rounds).toEqual(['a b'])
  })

  it('resolves with a round that started after the request, one for all requests made meanwhile', async () => {
    const { queue, rounds, next } = queueUnderTest()
    const first = queue.request('a')
    const running = await next()
    const later = ['a', 'b', 'a', 'c'].map((source) => queue.request(source))
    await quiet()
    expect(rounds).toEqual(['a'])
    running.resolve()
    expect(await first).toBe('round 1')
    ;(await next()).resolve()
    expect(new Set(await Promise.all(later))).toEqual(new Set(['round 2']))
    expect(rounds).toEqual(['a', 'a b c'])
  })

  it('includes requests made while a round waits for its turn', async () => {
    const inTurn = createTurns(1)
    const other = Promise.withResolvers<void>()
    void inTurn(() => other.promise)
    const { queue, rounds, next } = queueUnderTest(inTurn)
    const asked = [queue.request('a')]
    await quiet()
    asked.push(queue.request('b'))
    await quiet()
    expect(rounds).toEqual([])
    other.resolve()
    ;(await next()).resolve()
    expect(await Promise.all(asked)).toEqual(['round 1', 'round 1'])
    expect(rounds).toEqual(['a b'])
  })

  it('rejects all requests of a failed round, and continues', async () => {
    const { queue, next } = queueUnderTest()
    const asked = Promise.allSettled(['a', 'b'].map((source) => queue.request(source)))
    const running = await next()
    const later = queue.request('a')
    running.reject(new Error('lost'))
    for (const result of await asked)
      expect(result).toMatchObject({ status: 'rejected', reason: { message: 'lost' } })
    ;(await next()).resolve()
    expect(await later).toBe('round 2')
    const again = queue.request('a')
    ;(await next()).resolve()
    expect(await again).toBe('round 3')
  })

  it('rejects with the name of a source without a result', async () => {
    const { queue, next } = queueUnderTest()
    const asked = Promise.allSettled([queue.request('a'), queue.request('lost')])
    ;(await next()).resolve()
    expect(await asked).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { message: expect.stringContaining('"lost"') } },
    ])
  })
})
