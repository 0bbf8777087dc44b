import type { Fetch } from '../../client/transport/http.ts'

/** What the registry does with the next requests: an answer, a failure of the network, or silence. */
export type Says = ((asked: string | Request) => Response | Promise<Response>) | 'unreachable' | 'silence'

export interface ScriptedRegistry {
  readonly url: string
  readonly fetch: Fetch
  /** Path and query of each request, in order. */
  readonly asked: string[]
  says(says: Says): void
}

/** A registry that can be made to fail in every way, behind the `fetch` option of the client. */
export function scriptedRegistry(first: Says = prompt()): ScriptedRegistry {
  let next = first
  const asked: string[] = []
  return {
    url: 'http://registry.test',
    asked,
    says: (says) => {
      next = says
    },
    fetch: async (url) => {
      asked.push(url.replace('http://registry.test', ''))
      if (next === 'silence') return new Promise(() => undefined)
      if (next === 'unreachable') throw new TypeError('fetch failed', { cause: refused() })
      return next(url)
    },
  }
}

/** The prompt that is asked for, as the registry answers it; only what differs need be given. */
export function prompt(fields: Readonly<Record<string, unknown>> = {}) {
  return (asked: string | Request): Response =>
    Response.json({
      prompt_id: idIn(asked),
      version: '1.3.0',
      status: 'stable',
      content: 'You sort tickets.',
      variables: null,
      config: null,
      ...fields,
    })
}

function idIn(asked: string | Request): string {
  const { pathname } = new URL(typeof asked === 'string' ? asked : asked.url)
  return decodeURIComponent(pathname)
    .replace('/prompts/', '')
    .replace(/@.*|_v[\d.]+$/, '')
}

/** A refusal as the registry answers it. */
export function refuses(status: number, code: string, details?: object): () => Response {
  return () => Response.json({ error: `It is so: ${code}.`, code, details }, { status })
}

function refused(): Error {
  return Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
}
