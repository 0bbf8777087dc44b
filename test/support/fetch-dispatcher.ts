import { isPlainAgent, type PlainAgent } from '../../client/transport/pool-sender.ts'

/** What `fetch` sends by in this process. */
export function fetchDispatcher(): PlainAgent {
  // Node loads it with the first of these that is read.
  void globalThis.Headers
  const dispatcher = Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1'))
  if (!isPlainAgent(dispatcher)) throw new Error('This process has replaced the dispatcher of fetch.')
  return dispatcher
}
