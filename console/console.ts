import { type Context, Hono } from 'hono'
import { RegistryError } from '../api/contract/errors.ts'
import { parsePromptId } from '../api/contract/prompt-id.ts'
import { type ActionName, isAction, perform } from './actions.ts'
import { assetAnswer, htmlAnswer, redirect } from './answers.ts'
import { readAssets } from './assets.ts'
import { frame } from './frame.ts'
import { createKnowledge } from './reading/knowledge.ts'
import { cookieOf, formOf, isFromHere, localPath } from './requests.ts'
import { type Session, Sessions } from './session.ts'
import { mayWrite, type Viewer } from './viewer.ts'
import { auditCsv, auditJson, auditPage } from './views/audit.ts'
import { auditReleasesCsv, auditReleasesJson, auditReleasesPage } from './views/audit-releases.ts'
import { confirmPage } from './views/confirm.ts'
import { failurePage, problemOf } from './views/failure.ts'
import { overviewPage } from './views/overview.ts'
import { promptHref } from './views/parts.ts'
import { promptPage } from './views/prompt.ts'
import { rawFile } from './views/raw.ts'
import { releasePage } from './views/release.ts'
import { signInPage } from './views/sign-in.ts'
import { sourcePage } from './views/source.ts'
import type { FindingWeight } from './views/source-findings.ts'
import { sourcesPage } from './views/sources.ts'
import type { PageContent, Visit } from './visit.ts'

export interface ConsoleParts {
  /**
   * Authenticates the person behind a request. `token` is the one of the session, `null` before signing in. `env` is
   * the server's data about the request. Throws `unauthorized` if a token is needed or unknown.
   */
  readonly authenticate: (request: Request, env: unknown, token: string | null) => Viewer | Promise<Viewer>
  /** The registry that the console shows, for people. */
  readonly where: string
  readonly now: () => number
  /** Returns an unguessable id of 20 to 64 letters and digits. */
  readonly newId: () => string
  /** Receives errors that are not the registry's. */
  readonly onError: (message: string, error: unknown) => void
  /** Whether a finding with this code needs a person, is kept back on purpose, or is neither. */
  readonly classOfFinding: (code: string) => FindingWeight
  /** Asks the controller to look at a source now; absent if the controller runs elsewhere. */
  readonly lookAgain?: ((source: string) => boolean) | undefined
  /** Milliseconds between two checks for changes. Default: 10 seconds. */
  readonly refreshMs?: number
}

type PageOf = (visit: Visit) => Promise<PageContent | Response>

/** The web console, a handler for all paths below `/console`. Reads and writes only through `RegistryApi`. */
export function createConsole(parts: ConsoleParts): Hono {
  const app = new Hono()
  const sessions = new Sessions(parts)
  const knowledgeOf = createKnowledge(parts.now)
  const assets = readAssets()
  const sourceOptions = {
    classOf: parts.classOfFinding,
    canLookAgain: parts.lookAgain !== undefined,
  }

  const respond = async (c: Context, session: Session, viewer: Viewer | null, page: PageContent) => {
    const path = new URL(c.req.url).pathname
    const person = viewer === null ? null : { actor: viewer.actor, canSignOut: session.token !== null }
    const document = await frame(page, {
      ...{ path, person, where: parts.where, assets: assets.version },
      formToken: sessions.formToken(session),
      refreshMs: parts.refreshMs ?? 10_000,
    })
    return htmlAnswer(c.req.raw, String(document), page.status ?? 200, session)
  }

  const visited = (load: PageOf) => async (c: Context) => {
    const session = sessions.of(cookieOf(c.req.raw))
    let viewer: Viewer | null = null
    try {
      viewer = await parts.authenticate(c.req.raw, c.env, session.token)
      const page = await load(visitOf(c, session, viewer))
      return page instanceof Response ? page : await respond(c, session, viewer, page)
    } catch (error) {
      if (viewer === null && error instanceof RegistryError && error.code === 'unauthorized') {
        const { pathname, search } = new URL(c.req.url)
        const page = signInPage(sessions.formToken(session), pathname + search)
        return await respond(c, session, null, { ...page, status: 401 })
      }
      if (!(error instanceof RegistryError)) parts.onError(`${c.req.method} ${c.req.path} failed`, error)
      return await respond(c, session, viewer, failurePage(error))
    }
  }

  const act = async (visit: Visit): Promise<PageContent | Response> => {
    const action = actionOf(visit.url)
    const form = await checkedForm(visit)
    const id = parsePromptId(visit.name)
    try {
      const changed = await perform(visit.viewer.api, action, id, form)
      visit.knowledge.catalog.forget()
      return redirect(
        visit.request,
        promptHref(id, doneQuery(changed ? action : 'nothing', form)),
        visit.session,
      )
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error
      return await confirmPage(action, visit, { error, form })
    }
  }

  const look = async (visit: Visit): Promise<Response> => {
    await checkedForm(visit)
    if (!mayWrite(visit.viewer))
      throw new RegistryError('forbidden', 'This requires write access. Use another token.')
    if (parts.lookAgain?.(visit.name) !== true)
      throw new RegistryError(
        'not_found',
        `The controller of this process does not watch the source "${visit.name}". Run promptctl sync with its configuration.`,
      )
    return redirect(
      visit.request,
      `/console/sources/${encodeURIComponent(visit.name)}?done=look`,
      visit.session,
    )
  }

  const isOwnForm = (request: Request, session: Session, form: URLSearchParams) =>
    isFromHere(request) && sessions.isFormToken(session, form.get('form') ?? '')

  /** Throws `forbidden` for a form that no page of this session sent. */
  const checkedForm = async ({ request, session }: Visit): Promise<URLSearchParams> => {
    const form = await formOf(request)
    if (isOwnForm(request, session, form)) return form
    throw new RegistryError(
      'forbidden',
      'This form did not come from a page of this session. Go back, reload the page, and send it again.',
    )
  }

  const visitOf = (c: Context, session: Session, viewer: Viewer): Visit => ({
    request: c.req.raw,
    url: new URL(c.req.url),
    name: c.req.param('name') ?? '',
    ...{ viewer, session },
    knowledge: knowledgeOf(viewer.api),
    now: parts.now(),
    formToken: sessions.formToken(session),
  })

  app.get('/console/assets/:file', (c) => assetAnswer(assets.files.get(c.req.param('file'))))
  app.get('/console', visited(overviewPage))
  app.get('/console/prompts/:name{.+}', visited(promptPage))
  app.get('/console/raw/:name{.+}', visited(rawFile))
  for (const path of ['/', '/console/']) app.get(path, (c) => c.redirect('/console'))

  app.get('/console/audit', visited(auditPage))
  app.get('/console/audit.csv', visited(auditCsv))
  app.get('/console/audit.json', visited(auditJson))
  app.get(
    '/console/audit/releases',
    visited(async (visit) => await auditReleasesPage(visit, parts.where)),
  )
  app.get(
    '/console/audit/releases.csv',
    visited(async (visit) => await auditReleasesCsv(visit, parts.where)),
  )
  app.get(
    '/console/audit/releases.json',
    visited(async (visit) => await auditReleasesJson(visit, parts.where)),
  )
  app.get('/console/sources', visited(sourcesPage))
  app.get(
    '/console/sources/:name',
    visited(async (visit) => await sourcePage(visit, sourceOptions)),
  )
  app.get('/console/sources/:name/release', visited(releasePage))
  app.post('/console/look/:name', visited(look))
  app.get(
    '/console/act/:action/:name{.+}',
    visited(async (visit) => await confirmPage(actionOf(visit.url), visit)),
  )
  app.post('/console/act/:action/:name{.+}', visited(act))

  app.post('/console/sign-in', async (c) => {
    const session = sessions.of(cookieOf(c.req.raw))
    const form = await formOf(c.req.raw)
    const next = localPath(form.get('next') ?? '')
    const refused = (sentence: string) =>
      respond(c, session, null, signInPage(sessions.formToken(session), next, sentence))
    if (!isOwnForm(c.req.raw, session, form))
      return await refused('This form is too old, or your browser blocks cookies. Try again.')
    const token = (form.get('token') ?? '').trim()
    try {
      await parts.authenticate(c.req.raw, c.env, token)
    } catch (error) {
      return await refused(problemOf(error))
    }
    return redirect(c.req.raw, next, sessions.signIn(session, token))
  })

  app.post('/console/sign-out', async (c) => {
    const session = sessions.of(cookieOf(c.req.raw))
    const form = await formOf(c.req.raw)
    if (isOwnForm(c.req.raw, session, form)) sessions.signOut(session)
    return redirect(c.req.raw, '/console', sessions.of(undefined))
  })

  app.notFound(
    visited(async () => failurePage(new RegistryError('route_not_found', 'The console has no such page.'))),
  )
  return app
}

/** The result that the page of the prompt confirms. */
function doneQuery(done: ActionName | 'nothing', form: URLSearchParams): string {
  return done === 'revoke'
    ? `done=${done}&of=${encodeURIComponent(form.get('version') ?? '')}`
    : `done=${done}`
}

function actionOf({ pathname }: URL): ActionName {
  const name = pathname.split('/')[3] ?? ''
  if (isAction(name)) return name
  throw new RegistryError('route_not_found', `The console has no action "${name.slice(0, 40)}".`)
}
