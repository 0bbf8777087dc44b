import type { Html } from './html.ts'
import type { Knowledge } from './reading/knowledge.ts'
import type { Session } from './session.ts'
import type { Viewer } from './viewer.ts'

/** One request for a page, after its person is known. */
export interface Visit {
  readonly request: Request
  readonly url: URL
  /** The rest of the path, decoded: a prompt id or the name of a source. */
  readonly name: string
  readonly viewer: Viewer
  readonly session: Session
  readonly knowledge: Knowledge
  /** In milliseconds since the epoch. */
  readonly now: number
  /** The hidden field that each form carries. */
  readonly formToken: string
}

/** A page without the frame around it. */
export interface PageContent {
  readonly title: string
  readonly body: Html
  /** Default: 200. */
  readonly status?: 200 | 400 | 401 | 403 | 404 | 409 | 410 | 429 | 500 | 503
  /** false: the page has a form that a refresh would clear. Default: true. */
  readonly isLive?: boolean
}

/** The value of a query parameter, trimmed and cut. */
export function queryOf({ url }: Pick<Visit, 'url'>, name: string): string {
  return (url.searchParams.get(name) ?? '').trim().slice(0, 300)
}
