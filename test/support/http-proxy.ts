import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'

export interface HttpProxy {
  readonly url: string
  /** Each request, as `METHOD target`. */
  readonly requests: string[]
  /** The status of its refusals; 0 lets everything through. */
  status: number
  /** Stays silent after it has connected the client. */
  mute: boolean
  close(): Promise<void>
}

/** A forward proxy on a free loopback port: CONNECT for https, and refusals for plain http. */
export async function startHttpProxy(): Promise<HttpProxy> {
  const tunnels = new Set<Duplex>()
  const server = createServer((request, response) => {
    proxy.requests.push(`${request.method} ${request.url}`)
    response.writeHead(proxy.status || 502, { 'proxy-authenticate': 'Basic realm="proxy"' }).end('The proxy.')
  })
  server.on('connect', (request, socket) => {
    proxy.requests.push(`CONNECT ${request.url}`)
    tunnels.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => tunnels.delete(socket))
    if (proxy.status !== 0) {
      socket.end(`HTTP/1.1 ${proxy.status} No\r\nProxy-Authenticate: Basic realm="proxy"\r\n\r\n`)
      return
    }
    const [host = '', port] = (request.url ?? '').split(':')
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      if (proxy.mute) return
      upstream.pipe(socket)
      socket.pipe(upstream)
    })
    upstream.on('error', () => socket.end('HTTP/1.1 502 No\r\n\r\n'))
    socket.on('close', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: HttpProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    status: 0,
    mute: false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        for (const tunnel of tunnels) tunnel.destroy()
      }),
  }
  return proxy
}
