import { createHash } from 'node:crypto'
import type { Asset } from './assets.ts'
import { setCookie } from './requests.ts'
import type { Session } from './session.ts'

/** Everything comes from this server, and nothing runs or loads unless it is a file of the console. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** The relative times on a page change every minute, and are no reason to load it again. */
const TIMES = /(<time [^>]*>)[^<]*/g

export function htmlAnswer(request: Request, body: string, status: number, session: Session): Response {
  const etag = `"${createHash('sha256').update(body.replaceAll(TIMES, '$1')).digest('base64url')}"`
  const headers = { ...SECURITY_HEADERS, etag, 'set-cookie': setCookie(request, session.id) }
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers })
  return new Response(body, { status, headers: { ...headers, 'content-type': 'text/html; charset=utf-8' } })
}

export function redirect(request: Request, to: string, session: Session): Response {
  const headers = { ...SECURITY_HEADERS, location: to, 'set-cookie': setCookie(request, session.id) }
  return new Response(null, { status: 303, headers })
}

export function assetAnswer(asset: Asset | undefined): Response {
  if (asset === undefined) return new Response('Not found', { status: 404, headers: SECURITY_HEADERS })
  return new Response(asset.bytes, {
    headers: {
      ...SECURITY_HEADERS,
      'content-type': asset.type,
      'cache-control': 'public, max-age=31536000, immutable',
    },
  })
}

/** A file that a browser saves and never shows as a page. */
export function downloadAnswer(body: string, type: string, name: string): Response {
  const headers = { 'content-type': type, 'content-disposition': `attachment; filename="${name}"` }
  return new Response(body, { headers: { ...SECURITY_HEADERS, ...headers } })
}
