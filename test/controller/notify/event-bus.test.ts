import { expect, test } from 'vitest'
import { bytesOf, callsOf, entryOf, MOST } from '../../../controller/notify/bus-entries.ts'
import { createBusSender, type PutEntries } from '../../../controller/notify/event-bus.ts'
import type { Notification } from '../../../controller/notify/notification.ts'

function notification(id: number, details: Notification['data'] = {}): Notification {
  return {
    ...{ specversion: '1.0', id: String(id), source: '/prompts', type: 'prompt-registry.prompt.released' },
    ...{ subject: 'a', time: '2026-01-31T12:00:00.000Z', datacontenttype: 'application/json' },
    data: { prompt_id: 'a', sequence: id, details },
  }
}

const many = (count: number) => Array.from({ length: count }, (_, index) => notification(index))
const idOf = ({ Detail }: { Detail: string }) => (JSON.parse(Detail) as { id: string }).id

/** A bus that answers each call with the next of these results, and then accepts everything. */
function bus(...results: readonly ((string | null)[] | Error)[]) {
  const calls: string[][] = []
  const pauses: number[] = []
  const put: PutEntries = async (entries) => {
    const result = results[calls.length]
    calls.push(entries.map(idOf))
    if (result instanceof Error) throw result
    return entries.map((_, index) => result?.[index] ?? null)
  }
  const { signal } = new AbortController()
  const pause = async (ms: number) => void pauses.push(ms)
  const send = createBusSender(put, { pause, random: () => 0.5 })
  return { calls, pauses, send: (notifications: Notification[]) => send(notifications, signal) }
}

test('an entry is the CloudEvent, under its type and time', () => {
  const one = notification(7, { release: '1.0.0' })
  const entry = entryOf(one)
  expect(entry).toMatchObject({
    Source: 'prompt-registry',
    DetailType: 'prompt-registry.prompt.released',
    Time: new Date('2026-01-31T12:00:00.000Z'),
  })
  expect(JSON.parse(entry.Detail)).toEqual(one)
})

test('a call has at most 10 entries and 256 KB, counted in UTF-8', () => {
  expect(callsOf(many(21).map(entryOf)).map((call) => call.length)).toEqual([10, 10, 1])
  const large = (id: number) => entryOf(notification(id, { text: 'é'.repeat(50_000) }))
  const calls = callsOf([large(1), large(2), large(3)])
  expect(calls.map((call) => call.length)).toEqual([2, 1])
  for (const call of calls) {
    const bytes = call.reduce((sum, one) => sum + bytesOf(one), 0)
    expect(bytes).toBeLessThanOrEqual(MOST.bytes)
  }
})

test('an event above the limit loses its details, and shows that it did', () => {
  const entry = entryOf(notification(1, { text: 'x'.repeat(MOST.bytes) }))
  expect(JSON.parse(entry.Detail).data).toEqual({ prompt_id: 'a', sequence: 1, truncated: true })
})

test('only the entries of a call that were not accepted are sent again', async () => {
  const { calls, pauses, send } = bus([null, 'ThrottlingException', null], ['InternalFailure'])
  expect(await send(many(3))).toEqual({ accepted: 3, problem: null })
  expect(calls).toEqual([['0', '1', '2'], ['1'], ['1']])
  expect(pauses).toHaveLength(2)
})

test('a call that fails is made again as a whole', async () => {
  const { calls, send } = bus(new Error('socket hang up'))
  expect(await send(many(2))).toEqual({ accepted: 2, problem: null })
  expect(calls).toEqual([
    ['0', '1'],
    ['0', '1'],
  ])
})

test('after five attempts it reports the problem, and how many were accepted before', async () => {
  const refused = Array.from({ length: 5 }, () => ['NotAuthorizedForSource'])
  const { calls, send } = bus([], ...refused)
  expect(await send(many(11))).toEqual({ accepted: 10, problem: 'NotAuthorizedForSource' })
  expect(calls).toHaveLength(6)
})

test('it stops with the signal, between two attempts too', async () => {
  const stop = new AbortController()
  const send = createBusSender(async () => ['InternalFailure'], {
    pause: async (_ms, signal) => {
      stop.abort(new Error('out of time'))
      signal?.throwIfAborted()
    },
    random: () => 0.5,
  })
  await expect(send(many(1), stop.signal)).rejects.toThrow('out of time')
})
