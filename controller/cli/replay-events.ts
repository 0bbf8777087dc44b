import { createBusSender } from '../notify/event-bus.ts'
import { replay, webhookSender } from '../notify/replay.ts'
import type { SendAll } from '../notify/send.ts'
import { NOTIFIED, type Notified } from '../values/notified.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { loadConfig, withRegistry } from './connection.ts'
import { UsageError } from './context.ts'
import { CommandError } from './failure.ts'
import { receiversOf } from './notifiers.ts'
import type { CommonOptions } from './options.ts'
import { printLine } from './output.ts'

interface ReplayOptions extends CommonOptions {
  readonly cursor?: string
  /** Sends to this bus instead of the receivers of the configuration. */
  readonly eventBus?: string
}

/** Sends the events of the feed again to every receiver of the configuration, or to a bus. */
export async function replayEvents(options: ReplayOptions, runtime: CliRuntime): Promise<void> {
  const { eventBus } = options
  const targets = await (eventBus === undefined ? webhooks(options, runtime) : bus(eventBus, runtime))
  const problems: string[] = []
  await withRegistry(options, runtime, 'read', async (api) => {
    for (const { name, send, wanted } of targets) {
      const from = { cursor: options.cursor, signal: runtime.signal }
      const { sent, cursor, problem } = await replay({ send, wanted, api, ...from })
      printLine(runtime, `Sent ${sent} ${sent === 1 ? 'event' : 'events'} to ${name}.`)
      if (problem !== null)
        problems.push(`Cannot notify ${name}: ${problem}. To continue: ${commandFrom(cursor, eventBus)}`)
    }
  })
  if (problems.length > 0) throw new CommandError('not_delivered', problems.join('\n'))
}

interface Target {
  readonly name: string
  readonly send: SendAll
  readonly wanted: readonly Notified[]
}

async function webhooks(options: ReplayOptions, runtime: CliRuntime): Promise<Target[]> {
  const receivers = receiversOf(await loadConfig(options, runtime), runtime)
  if (receivers.length === 0)
    throw new UsageError(
      'The configuration has no receivers. Add some under "notify:" in promptctl.yaml, or use --event-bus.',
    )
  return receivers.map(({ receiver, wanted }) => ({
    ...{ name: receiver.name, wanted },
    send: webhookSender(receiver, runtime),
  }))
}

async function bus(name: string, runtime: CliRuntime): Promise<Target[]> {
  // Nothing else needs this client of the AWS SDK.
  const { createPutEntries } = await import('../notify/put-entries.ts')
  const send = createBusSender(createPutEntries(name, {}), runtime)
  return [{ name: `the event bus ${name}`, send, wanted: NOTIFIED }]
}

function commandFrom(cursor: string | undefined, eventBus: string | undefined): string {
  const to = eventBus === undefined ? '' : ` --event-bus ${eventBus}`
  return `promptctl events --replay${to}${cursor === undefined ? '' : ` --cursor ${cursor}`}`
}
