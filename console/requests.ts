/** Reads what browsers send about a request, and the cookie that the console sets. Pure. */

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Cookies are shared by all ports of a host, so each console has a cookie of its own. */
export function cookieName(url: URL): string {
  return `promptctl-console-${url.port || (url.protocol === 'https:' ? '443' : '80')}`
}

export function cookieOf(request: Request): string | undefined {
  const name = `${cookieName(hostUrl(request))}=`
  const found = (request.headers.get('cookie') ?? '').split(';').map((one) => one.trim())
  return found.find((one) => one.startsWith(name))?.slice(name.length)
}

/** A session cookie. `Secure` except on this machine over HTTP, where a browser would drop it. */
export function setCookie(request: Request, id: string): string {
  const url = hostUrl(request)
  const isLocal = url.protocol === 'http:' && LOOPBACK.test(url.hostname)
  return `${cookieName(url)}=${id}; Path=/console; HttpOnly; SameSite=Strict${isLocal ? '' : '; Secure'}`
}

/** Whether a form was sent from a page of this console, as far as the browser's headers show. */
export function isFromHere(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  const origin = request.headers.get('origin')
  return origin === null || URL.parse(origin)?.host === hostUrl(request).host
}

/** The URL with the host that the browser asked for. */
function hostUrl(request: Request): URL {
  return new URL(request.url)
}

/** Everything comes from this server, and nothing runs or loads unless it is a file of the console. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}
