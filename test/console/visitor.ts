/** A browser's cookie and the form token of its session, for tests without a browser. */
export interface Visitor {
  readonly cookie: string
  readonly form: string
}

export const cookieIn = (answer: Response) => answer.headers.get('set-cookie')?.split(';')[0] ?? ''

/** A visit of the console at this URL, with the session of the cookie or a new one. */
export async function arrive(url: string, cookie = ''): Promise<Visitor> {
  const answer = await fetch(`${url}/console/act/hold/triage`, { headers: { cookie } })
  const [, form = ''] = /name="form" value="([^"]+)"/.exec(await answer.text()) ?? []
  return { cookie: cookie || cookieIn(answer), form }
}

/** Sends a form, and follows no redirect. */
export function sendForm(
  url: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' })
}

/** The visit of a person who signed in. */
export async function signedInAs(url: string, token: string): Promise<Visitor> {
  const { cookie, form } = await arrive(url)
  const answer = await sendForm(`${url}/console/sign-in`, { form, token, next: '/console' }, { cookie })
  return await arrive(url, cookieIn(answer))
}
