import type { RegistryApi } from '../../contract/registry-api.ts'
import { type Route, route } from '../route.ts'
import * as evidence from './evidence.ts'
import * as lifecycle from './lifecycle.ts'
import * as meta from './meta.ts'
import * as ownership from './ownership.ts'
import * as prompts from './prompts.ts'
import * as sets from './sets.ts'
import * as sources from './sources.ts'
import * as versions from './versions.ts'

let document: Promise<Record<string, unknown>> | undefined

/** Loaded on the first request, because no other route needs the generator. */
export function openApiDocument(): Promise<Record<string, unknown>> {
  document ??= import('../openapi.ts').then(({ describeRoutes }) => describeRoutes(ROUTES))
  return document
}

const openapi = route({
  method: 'get',
  path: '/openapi.json',
  operationId: 'describeApi',
  tag: 'meta',
  summary: 'Read this contract',
  access: 'open',
  schemas: ({ OpenApi }) => ({ answer: OpenApi }),
  anyText: [],
  errors: [],
  conditional: true,
  async run() {
    return await openApiDocument()
  },
})

/** The route of each method of `RegistryApi`. */
export const OPERATIONS: Readonly<Record<keyof RegistryApi, Route>> = {
  ...prompts,
  ...versions,
  ...lifecycle,
  ...ownership,
  ...evidence,
  ...sources,
  ...sets,
  ...meta,
}

/** All routes of the registry except those of the console. */
export const ROUTES: readonly Route[] = [...Object.values(OPERATIONS), openapi]
