import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createProgressLine } from '../../../controller/cli/progress.ts'

function progressLine(columns?: number) {
  const said: string[] = []
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      said.push(String(chunk))
      done()
    },
  })
  if (columns !== undefined) Object.assign(stderr, { isTTY: true, columns })
  const clock = { now: 5000 }
  return { said, clock, line: createProgressLine('demo', { stderr, now: () => clock.now }) }
}

test('a short pass prints no progress', () => {
  const { said, clock, line } = progressLine()
  line.show({ done: 1, total: 2 })
  clock.now += 999
  line.show({ done: 2, total: 2 })
  line.end()
  expect(said).toEqual([])
})

test('a long pass prints its progress at most once a second, and its end', () => {
  const { said, clock, line } = progressLine()
  for (const [passed, done] of [
    [1000, 10],
    [999, 20],
    [1, 30],
  ] as const) {
    clock.now += passed
    line.show({ done, total: 40 })
  }
  line.end()
  expect(said).toEqual(['demo: 10 of 40 changes\n', 'demo: 30 of 40 changes\n', 'demo: done\n'])
})

test.for([
  [80, '\r\u001b[K[======                  ] demo: 10 of 40 changes'],
  [30, '\r\u001b[Kdemo: 10 of 40 changes'],
  [12, '\r\u001b[Kdemo: 10 of'],
] as const)(
  'a terminal of %i columns has a bar in one line, which is gone at the end',
  ([columns, drawn]) => {
    const { said, clock, line } = progressLine(columns)
    clock.now += 1000
    line.show({ done: 10, total: 40 })
    clock.now += 99
    line.show({ done: 11, total: 40 })
    line.end()
    expect(said).toEqual([drawn, '\r\u001b[K'])
  },
)
