import { RegistryError } from '../../contract/errors.ts'
import { route } from '../route.ts'

const tag = 'meta'

export const health = route({
  method: 'get',
  path: '/health',
  operationId: 'health',
  tag,
  summary: 'Check whether the registry and its store respond',
  description: 'After a failed write, the registry is unhealthy until a write succeeds.',
  access: 'open',
  schemas: ({ HealthAnswer }) => ({ answer: HealthAnswer }),
  anyText: [],
  errors: ['storage_full'],
  async run({ api }) {
    try {
      return await api.health()
    } catch (cause) {
      if (cause instanceof RegistryError && cause.code === 'storage_full') throw cause
      throw new RegistryError('unavailable', 'The registry cannot reach its store; try again shortly.', {
        cause,
      })
    }
  },
})
