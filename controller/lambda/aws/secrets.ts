import { once } from '../../values/once.ts'
import type { SecretReference } from '../secrets.ts'

/** Reads secrets with the AWS SDK. Loads each client on first use. */
export function createSecretReader(): (reference: SecretReference) => Promise<string> {
  const fromSecretsManager = once(async () =>
    (await import('./secrets-manager.ts')).createSecretsManagerReader(),
  )
  const fromParameters = once(async () => (await import('./parameters.ts')).createParameterReader())
  return async ({ store, id }) => {
    const read = await (store === 'parameter' ? fromParameters : fromSecretsManager)()
    const text = await read(id)
    if (text !== undefined && text !== '') return text
    throw Object.assign(new Error('The secret is empty.'), { name: 'NoText' })
  }
}
