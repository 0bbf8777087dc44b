import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A child process for benchmarks: answers any prompt, for our client and for Langfuse's, and counts requests. */
const content = 'You sort support tickets. '.repeat(160)
const version = {
  version: '9f86d081884c',
  release: '1.3.0',
  status: 'stable',
  variables: null,
  config: { temperature: 0 },
}
let requests = 0
let mode = 'answer'

const server = createServer((request, response) => {
  requests++
  const url = request.url ?? ''
  if (mode === 'hang') return
  response.setHeader('content-type', 'application/json')
  if (mode === 'hang in body') return void response.write('{"prompt_id":')
  const langfuse = '/api/public/v2/prompts/'
  if (url.startsWith(langfuse)) {
    const name = decodeURIComponent(url.slice(langfuse.length).replace(/\?.*/, ''))
    response.end(
      JSON.stringify({ name, version: 3, type: 'text', prompt: content, config: {}, labels: [], tags: [] }),
    )
  } else
    response.end(
      JSON.stringify({ prompt_id: url.replace('/prompts/', '').replace(/\?.*/, ''), content, ...version }),
    )
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('message', (message: { mode?: string }) => {
  if (message.mode !== undefined) mode = message.mode
  process.send?.({ requests })
  requests = 0
})
process.on('disconnect', () => process.exit())
