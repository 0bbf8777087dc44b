import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A span in the JSON encoding of OTLP. */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly status: { readonly code?: number; readonly message?: string }
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface OtlpReceiver {
  readonly url: string
  readonly spans: readonly ReceivedSpan[]
  /** Of the resource of the last request. */
  readonly resource: Readonly<Record<string, unknown>>
  /** The headers of each request. */
  readonly headers: readonly NodeJS.Dict<string | string[]>[]
}

interface KeyValue {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] }
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<ReceivedSpan, 'attributes'> & { attributes: readonly KeyValue[] })[]
    }[]
  }[]
}

/** A collector on loopback that takes traces by OTLP over HTTP as JSON. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const headers: NodeJS.Dict<string | string[]>[] = []
  const receiver = { url: '', spans, resource: {}, headers }
  const server = createServer(async (request, response) => {
    const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>)
    if (request.url !== '/v1/traces') return void response.writeHead(404).end()
    headers.push(request.headers)
    const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ExportRequest
    for (const { resource, scopeSpans } of resourceSpans) {
      receiver.resource = valuesOf(resource.attributes)
      for (const { spans: some } of scopeSpans)
        spans.push(...some.map((span) => ({ ...span, attributes: valuesOf(span.attributes) })))
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return receiver
}

function valuesOf(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
