import { expect, onTestFinished, test } from 'vitest'
import { apiOf } from '../../../controller/cli/embedded.ts'
import type { Notification } from '../../../controller/notify/notification.ts'
import type { Position } from '../../../controller/notify/position.ts'
import { createPublisher } from '../../../controller/notify/publisher.ts'
import type { PassReport } from '../../../controller/state/pass-report.ts'
import { openEmbedded } from '../cli/cli-under-test.ts'

const { signal } = new AbortController()

const READY: PassReport = {
  ...{ source: 'demo', result: 'synced', kind: 'changes', commit: 'c', message: null, cause: null },
  ...{ started_at: '2026-01-01T00:00:00.000Z', finished_at: '2026-01-02T00:00:00.000Z' },
  ...{ counts: {}, findings: [], news: [] },
}
const REFUSED: PassReport = { ...READY, counts: { refused: 1 } }

/** A publisher on a real registry. Each call of `invocation` is a process of its own. */
function world() {
  const registry = openEmbedded(':memory:')
  onTestFinished(() => registry.close())
  const api = apiOf(registry, 'ada')
  const sent: Notification[] = []
  const state: { position: Position | null; problem: string | null } = { position: null, problem: null }
  const invocation = () =>
    createPublisher({
      api,
      send: async (notifications) => {
        if (state.problem !== null) return { accepted: 0, problem: state.problem }
        sent.push(...notifications)
        return { accepted: notifications.length, problem: null }
      },
      positions: {
        read: async () => state.position,
        update: async (change, start) => {
          state.position = change(state.position ?? start)
        },
      },
    })
  const release = async (id: string) => {
    const { version } = await api.push({ prompt_id: id, content: id })
    await api.promote(id, { version })
  }
  return {
    release,
    state,
    invocation,
    subjects: () => sent.splice(0).map(({ subject, type }) => `${type.split('.').at(-1)} ${subject}`),
  }
}

test('a new receiver gets no history, and then each event once', async () => {
  const { release, invocation, subjects } = world()
  await release('old')
  await invocation().publish(signal)
  expect(subjects()).toEqual([])
  await release('new')
  await invocation().publish(signal)
  await invocation().publish(signal)
  expect(subjects()).toEqual(['released new'])
})

test('events that were not accepted are sent by the next invocation', async () => {
  const { release, invocation, state, subjects } = world()
  await invocation().publish(signal)
  await release('a')
  state.problem = 'ThrottlingException'
  await expect(invocation().publish(signal)).rejects.toThrow(
    '1 event was not accepted (ThrottlingException).',
  )
  state.problem = null
  await invocation().publish(signal)
  expect(subjects()).toEqual(['released a'])
})

test('a backlog of several pages is sent at once', async () => {
  const { release, invocation, subjects } = world()
  await invocation().publish(signal)
  for (let index = 0; index < 120; index++) await release(`p${index}`)
  await invocation().publish(signal)
  expect(subjects()).toHaveLength(120)
})

test('a source that is not ready is reported once, and again after it was ready', async () => {
  const { invocation, state, subjects } = world()
  state.problem = 'down'
  await expect(invocation().passed([REFUSED], signal)).rejects.toThrow('not accepted (down)')
  state.problem = null
  await invocation().passed([REFUSED], signal)
  await invocation().passed([REFUSED], signal)
  expect(subjects()).toEqual(['not_ready demo'])
  await invocation().passed([READY], signal)
  await invocation().passed([REFUSED], signal)
  expect(subjects()).toEqual(['not_ready demo'])
})
