import { stopOnSignals } from '../../controller/cli/stop-signals.ts'

/** A command that never ends by itself, for a terminal. */
setInterval(() => {}, 60_000)
stopOnSignals(process)
console.log('Started.')
