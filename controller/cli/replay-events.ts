import { replay } from '../notify/replay.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { loadConfig, withRegistry } from './connection.ts'
import { UsageError } from './context.ts'
import { CommandError } from './failure.ts'
import { receiversOf } from './notifiers.ts'
import type { CommonOptions } from './options.ts'
import { printLine } from './output.ts'

interface ReplayOptions extends CommonOptions {
  readonly cursor?: string
}

/** Sends the events of the feed again to every receiver of the configuration. */
export async function replayEvents(options: ReplayOptions, runtime: CliRuntime): Promise<void> {
  const receivers = receiversOf(await loadConfig(options, runtime), runtime)
  if (receivers.length === 0)
    throw new UsageError('The configuration has no receivers. Add some under "notify:" in promptctl.yaml.')
  const problems: string[] = []
  await withRegistry(options, runtime, 'read', async (api) => {
    for (const { receiver, wanted } of receivers) {
      const { sent, cursor, problem } = await replay({
        ...{ receiver, wanted, api, runtime },
        cursor: options.cursor,
      })
      printLine(runtime, `Sent ${sent} ${sent === 1 ? 'event' : 'events'} to ${receiver.name}.`)
      const again = cursor === undefined ? '' : ` --cursor ${cursor}`
      if (problem !== null)
        problems.push(
          `Cannot notify ${receiver.name}: ${problem}. To continue: promptctl events --replay${again}`,
        )
    }
  })
  if (problems.length > 0) throw new CommandError('not_delivered', problems.join('\n'))
}
