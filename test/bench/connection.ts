import { once } from 'node:events'
import { connect } from 'node:net'

/** One connection to a server, for one request at a time. */
export interface Connection {
  /** Sends a request, and returns the body of its answer. `headers` end with a line break each. */
  ask(
    method: string,
    path: string,
    given?: { readonly headers?: string; readonly body?: string },
  ): Promise<string>
  close(): void
}

/**
 * A client that does less than `node:http`, so that a benchmark measures the server.
 * Rejects answers other than 2xx and 304.
 */
export async function openConnection({ hostname, port, host }: URL): Promise<Connection> {
  const socket = connect(Number(port), hostname).setNoDelay(true)
  await once(socket, 'connect')
  let waiting: PromiseWithResolvers<string> | undefined
  let received: Buffer[] = []
  let missing = 0
  const end = () => {
    const text = Buffer.concat(received).toString()
    received = []
    waiting?.resolve(text.slice(text.indexOf('\r\n\r\n') + 4))
  }
  socket.on('error', (error) => waiting?.reject(error))
  socket.on('data', (chunk) => {
    if (received.length === 0) {
      const head = chunk.subarray(0, chunk.indexOf('\r\n\r\n')).toString('latin1')
      const status = Number(head.slice(9, 12))
      const length = status === 304 ? 0 : Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN)
      if ((status >= 300 && status !== 304) || Number.isNaN(length))
        return void waiting?.reject(new Error(chunk.toString()))
      missing = head.length + 4 + length
    }
    received.push(chunk)
    missing -= chunk.length
    if (missing === 0) end()
  })
  return {
    ask(method, path, { headers = '', body } = {}) {
      waiting = Promise.withResolvers<string>()
      const content =
        body === undefined
          ? ''
          : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
      socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${headers}${content}\r\n${body ?? ''}`)
      return waiting.promise
    },
    close: () => void socket.end(),
  }
}
