import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface ReceivedWebhook {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface WebhookReceiver {
  readonly url: string
  readonly received: readonly ReceivedWebhook[]
  /** Resolves when it has this many requests. */
  until(count: number): Promise<readonly ReceivedWebhook[]>
}

/** A real HTTP server that answers its requests with these statuses in turn, and later ones with 204. */
export async function startWebhookReceiver(
  statuses: readonly number[] = [],
  headers: Readonly<Record<string, string>> = {},
): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = []
  let heard = () => {}
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const status = statuses[received.length] ?? 204
      const { url: path = '' } = request
      received.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(status, headers).end()
      heard()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async until(count) {
      while (received.length < count)
        await new Promise<void>((resolve) => {
          heard = resolve
        })
      return received
    },
  }
}
