import { type Html, html } from '../html.ts'
import type { PageContent } from '../visit.ts'

/** The form for a token. `problem` is the reason why the last one was refused. */
export function signInPage(formToken: string, next: string, problem: string | null = null): PageContent {
  const alert: Html | string =
    problem === null ? '' : html`<p class="alert" role="alert" id="problem">${problem}</p>`
  return {
    title: 'Sign in',
    isLive: false,
    status: problem === null ? 200 : 401,
    body: html`<section class="sign-in">
<h1>Sign in</h1>
<p>Use a token of this registry. Its access decides what you see and change.</p>
${alert}
<form method="post" action="/console/sign-in">
<input type="hidden" name="form" value="${formToken}"><input type="hidden" name="next" value="${next}">
<label for="token">Token</label>
<input type="password" id="token" name="token" autocomplete="current-password" required spellcheck="false"${problem === null ? '' : html` aria-describedby="problem" aria-invalid="true"`}>
<button class="primary">Sign in</button>
</form>
<p class="faint">The browser keeps a session for 12 hours, and never the token itself.</p>
</section>`,
  }
}
