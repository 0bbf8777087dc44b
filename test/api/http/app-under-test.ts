import type { Hono } from 'hono'
import { type AppParts, createApp } from '../../../api/http/app.ts'
import type { Caller } from '../../../api/registry/caller.ts'
import { RegistryFake } from '../../support/registry-fake.ts'

export interface LogLine {
  readonly message: string
  readonly facts: Readonly<Record<string, unknown>>
}

export interface AppUnderTest {
  readonly app: Hono
  readonly registry: RegistryFake
  readonly lines: LogLine[]
  /** Sends a request without credentials: as an admin, unless `parts` has another `auth`. */
  ask(path: string, init?: RequestInit): Promise<Response>
  /** Posts a JSON body. */
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>
}

export const ADMIN: Caller = { actor: 'tester', access: 'admin', sources: 'any' }

/** The app on a recording registry. Requests are named r1, r2, … */
export function appUnderTest(parts: Partial<AppParts> = {}): AppUnderTest {
  const registry = new RegistryFake()
  const lines: LogLine[] = []
  let requests = 0
  const app = createApp({
    registry,
    auth: () => ADMIN,
    log: { error: (message, facts) => lines.push({ message, facts }) },
    newRequestId: () => `r${++requests}`,
    ...parts,
  })
  const ask: AppUnderTest['ask'] = async (path, init) => app.request(path, init)
  const post: AppUnderTest['post'] = (path, body, init) =>
    ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
      ...init,
    })
  return { app, registry, lines, ask, post }
}

/** The error document of a response, with its status. */
export async function refusal(
  response: Response,
): Promise<{ status: number; code: string; error: string; details?: unknown }> {
  const document = (await response.json()) as { code: string; error: string; details?: unknown }
  return { status: response.status, ...document }
}
