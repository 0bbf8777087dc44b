/** Reads what browsers send, and makes the cookie that the console sets. */

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

const MOST_FORM_BYTES = 64 * 1024

/** The fields of a form. Empty if it is too large: then it has no form token either, and is refused. */
export async function formOf({ body }: Request): Promise<URLSearchParams> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    // The rest is read and dropped, because a connection with an unread body is closed.
    if (bytes <= MOST_FORM_BYTES) chunks.push(chunk)
  }
  return new URLSearchParams(bytes > MOST_FORM_BYTES ? '' : Buffer.concat(chunks).toString('utf8'))
}

/** A path of the console, so that signing in never leads to another site. */
export function localPath(next: string): string {
  const url = URL.parse(next, 'http://console.invalid')
  const isHere = url?.host === 'console.invalid' && /^\/console(?:\/|$)/.test(url.pathname)
  return isHere ? url.pathname + url.search : '/console'
}
