import { expect, test } from 'vitest'
import { createRefusalLog } from '../../../../controller/watch/webhook/refusal-log.ts'

const UNSIGNED = { source: 'support', status: 401, sentence: 'No signature.' }

test('logs each reason of a source at most once a minute', () => {
  const told: string[] = []
  let now = 1_000_000
  const tell = createRefusalLog(
    (message) => told.push(message),
    () => now,
  )
  for (let count = 0; count < 100; count++) tell(UNSIGNED)
  tell({ ...UNSIGNED, sentence: 'Wrong signature.' })
  tell({ ...UNSIGNED, source: 'sales' })
  expect(told).toEqual([
    'A webhook delivery for support was refused (401): No signature.',
    'A webhook delivery for support was refused (401): Wrong signature.',
    'A webhook delivery for sales was refused (401): No signature.',
  ])
  now += 59_999
  tell(UNSIGNED)
  expect(told).toHaveLength(3)
  now += 1
  tell(UNSIGNED)
  expect(told).toHaveLength(4)
})

test('shows where deliveries go that no source takes, and none of what they claim', () => {
  const told: string[] = []
  const tell = createRefusalLog(
    (message) => told.push(message),
    () => 1_000_000,
  )
  for (let count = 0; count < 100; count++) tell({ ...UNSIGNED, source: null })
  expect(told).toEqual([
    'A webhook delivery to an address without a webhook was refused (401): No signature.',
  ])
})
