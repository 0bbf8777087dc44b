import { expect, test } from 'vitest'
import type { EventDocument } from '../../api/contract/registry-api.ts'
import { eventsCsv, matchesEvent } from '../../console/reading/event-filter.ts'

const event = (changes: Partial<EventDocument> = {}): EventDocument => ({
  id: '1',
  prompt_id: 'support/triage',
  sequence: 1,
  type: 'promoted',
  at: '2026-01-31T12:00:00.000Z',
  actor: 'ada',
  reason: null,
  from: null,
  to: 'abc',
  details: null,
  ...changes,
})
const ALL = { prompt: '', actor: '', type: '', source: '', from: '', until: '' }

test.for([
  [{}, true],
  [{ prompt: 'TRIAGE' }, true],
  [{ prompt: 'refund' }, false],
  [{ actor: 'ad' }, true],
  [{ type: 'held' }, false],
  [{ source: 'demo' }, true],
  [{ source: 'other' }, false],
  [{ from: '2026-01-31', until: '2026-01-31' }, true],
  [{ from: '2026-02-01' }, false],
  [{ until: '2026-01-30' }, false],
] as const)('the filter %j matches: %s', ([filter, expected]) => {
  expect(matchesEvent(event(), { ...ALL, ...filter }, () => 'demo')).toBe(expected)
})

test('CSV quotes what needs it, and no cell is a formula', () => {
  const csv = eventsCsv([event({ reason: 'a "b",\nc', actor: '=cmd()', details: { a: 1 } })])
  expect(csv).toBe(
    'at,prompt_id,type,actor,reason,from,to,id,sequence,details\r\n2026-01-31T12:00:00.000Z,support/triage,promoted,\'=cmd(),"a ""b"",\nc",,abc,1,1,"{""a"":1}"\r\n',
  )
})
