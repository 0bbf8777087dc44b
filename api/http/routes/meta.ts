import { z } from 'zod'
import { RegistryError, schemas } from '../../contract/index.ts'
import { route } from '../route.ts'

const tag = 'meta'

export const health = route({
  method: 'get',
  path: '/health',
  operationId: 'health',
  tag,
  summary: 'Ask whether the registry and its store answer',
  access: 'open',
  answer: schemas.HealthAnswer,
  errors: [],
  async run({ api }) {
    try {
      return await api.health()
    } catch (cause) {
      throw new RegistryError('unavailable', 'The registry cannot reach its store; try again shortly.', {
        cause,
      })
    }
  },
})

export const openapi = route({
  method: 'get',
  path: '/openapi.json',
  operationId: 'describeApi',
  tag,
  summary: 'Read this contract',
  access: 'open',
  answer: z.record(z.string(), z.unknown()),
  errors: [],
  conditional: true,
  async run() {
    // Loaded on the first request: no other route needs the generator.
    const { openApiDocument } = await import('../openapi.ts')
    return openApiDocument
  },
})
