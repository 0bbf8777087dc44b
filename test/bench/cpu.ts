import { readFileSync } from 'node:fs'

const TICKS_A_SECOND = 100

/** Processor time of this process. */
export function ownSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Processor time of child processes that have ended. Linux only. */
export function childSeconds(): number {
  const fields = statOf('self')
  return (Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND
}

/** Processor time of another process. Linux only. */
export function processSeconds(pid: number): number {
  const fields = statOf(pid)
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}

/** The fields from the state on: proc_pid_stat(5). */
function statOf(process: number | 'self'): string[] {
  return readFileSync(`/proc/${process}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
}
