import { exampleOf } from '../description.ts'
import type { Endpoint } from '../types.ts'

export const user: Endpoint = {
  operation: 'GET /user',
  answer({ viewer: { id, login, appId } }) {
    if (appId !== undefined)
      return { status: 403, body: { message: 'Resource not accessible by integration', status: '403' } }
    return { status: 200, body: { ...exampleOf(user.operation), id, login } }
  },
}
