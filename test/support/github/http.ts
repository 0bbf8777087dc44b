import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Answer } from './types.ts'

export function send(
  response: ServerResponse,
  { status, headers, body }: Answer,
  quota: Readonly<Record<string, string>>,
  cutAfter: number | undefined,
): void {
  const json = !Buffer.isBuffer(body)
  const bytes = json ? Buffer.from(body === undefined ? '' : JSON.stringify(body)) : body
  const type = json ? 'application/json; charset=utf-8' : 'application/octet-stream'
  response.writeHead(status, { 'content-type': type, ...quota, ...headers })
  if (cutAfter === undefined) return void response.end(bytes)
  response.write(bytes.subarray(0, cutAfter))
  setImmediate(() => response.destroy())
}

export async function jsonBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString())
}

export async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
