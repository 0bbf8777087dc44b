import { createPublicKey, verify } from 'node:crypto'
import { exampleOf } from '../description.ts'
import type { AppRegistration, Endpoint } from '../types.ts'
import { notFound } from '../types.ts'

export const repositoryInstallation: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/installation',
  answer({ github }) {
    const { app } = github
    if (!app) return notFound
    const body = { ...exampleOf(repositoryInstallation.operation), id: app.installationId, app_id: app.appId }
    return { status: 200, body }
  },
}

const LIVES_MS = 3_600_000
let made = 0

export const installationToken: Endpoint = {
  operation: 'POST /app/installations/{installation_id}/access_tokens',
  answer({ parameters, github }) {
    if (parameters.installation_id !== String(github.app?.installationId)) return notFound
    const token = `ghs_${String(++made).padStart(36, 'x')}`
    const until = github.now() + LIVES_MS
    github.admit(token, until)
    return {
      status: 201,
      body: {
        token,
        expires_at: new Date(until).toISOString().replace('.000Z', 'Z'),
        permissions: { contents: 'read', metadata: 'read' },
        repository_selection: 'selected',
      },
    }
  },
}

/** Whether the value is a valid JSON web token signed by the App, with a lifetime of at most ten minutes. */
export function isAppToken(token: string, app: AppRegistration, now: number): boolean {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const key = createPublicKey(app.publicKey)
  const signed = Buffer.from(`${header}.${payload}`)
  if (!verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))) return false
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const seconds = now / 1000
  const alive = claims.iat <= seconds && seconds < claims.exp && claims.exp - seconds <= 600
  return alive && String(claims.iss) === String(app.appId)
}
