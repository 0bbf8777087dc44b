import type { SetTimer } from '../../client/transport/timer.ts'
import { quiet } from '../support/virtual-time.ts'

export interface FakeTime {
  clock(): number
  readonly setTimer: SetTimer
  /** Goes on for so long, from timer to timer, and lets everything go on that can. */
  pass(ms: number): Promise<void>
  /** Goes on to the next timer, if there is one. */
  toNext(): Promise<void>
  /** Goes on without a timer or anything else having its turn, as a process that was frozen. */
  jump(ms: number): void
}

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A clock and timers that stand still until they are told to go on. */
export function fakeTime(): FakeTime {
  let now = 1000
  const timers = new Set<Timer>()
  const next = () => [...timers].sort((a, b) => a.at - b.at)[0]
  const fire = async (timer: Timer) => {
    timers.delete(timer)
    now = Math.max(now, timer.at)
    timer.callback()
    await quiet()
  }
  return {
    clock: () => now,
    setTimer: (callback, ms) => {
      const timer = { at: now + Math.max(0, ms), callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    jump: (ms) => {
      now += ms
    },
    async toNext() {
      const timer = next()
      if (timer !== undefined) await fire(timer)
    },
    async pass(ms) {
      const end = now + ms
      await quiet()
      for (let timer = next(); timer !== undefined && timer.at <= end; timer = next()) await fire(timer)
      now = end
    },
  }
}
