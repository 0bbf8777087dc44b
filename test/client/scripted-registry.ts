import type { Fetch } from '../../client/transport/http.ts'

/** What the registry does with the next requests: an answer, a failure of the network, or silence. */
export type Says = (() => Response | Promise<Response>) | 'unreachable' | 'silence'

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
      return next()
    },
  }
}

/** A prompt as the registry answers it; only what differs need be given. */
export function prompt(fields: Readonly<Record<string, unknown>> = {}): () => Response {
  return () =>
    Response.json({
      prompt_id: 'support/triage',
      version: '1.3.0',
      status: 'stable',
      content: 'You sort tickets.',
      variables: null,
      config: null,
      ...fields,
    })
}

/** A refusal as the registry answers it. */
export function refuses(status: number, code: string): () => Response {
  return () => Response.json({ error: `It is so: ${code}.`, code }, { status })
}

function refused(): Error {
  return Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
}
