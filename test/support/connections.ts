import { Agent, type IncomingMessage, request } from 'node:http'
import { onTestFinished } from 'vitest'

/** Sends a request, and returns its response. */
export type Ask = (
  path: string,
  options?: { readonly method?: string; readonly body?: string; readonly headers?: Record<string, string> },
) => Promise<{ readonly status: number; readonly text: string; readonly headers: IncomingMessage['headers'] }>

/** Keep-alive connections to a server. It shares them out to its workers, so twenty reach each of a few. */
export function connectionsTo(url: string, count: number): readonly Ask[] {
  return Array.from({ length: count }, () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    return asking(url, agent)
  })
}

function asking(url: string, agent: Agent): Ask {
  return (path, { method = 'GET', body, headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const sent = request(`${url}${path}`, { agent, method, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
        )
      })
      sent.on('error', reject)
      sent.end(body)
    })
}

/** Posts JSON, and returns the status. */
export async function post(ask: Ask, path: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  return (await ask(path, { method: 'POST', body: JSON.stringify(body), headers })).status
}
