import type { SecretReference } from './secrets.ts'

/** Reads secrets with the AWS SDK, of which only what is needed is loaded. */
export function createSecretReader(): (reference: SecretReference) => Promise<string> {
  const fromSecretsManager = once(async () => {
    const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager')
    const client = new SecretsManagerClient({})
    return async (id: string) => (await client.send(new GetSecretValueCommand({ SecretId: id }))).SecretString
  })
  const fromParameters = once(async () => {
    const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm')
    const client = new SSMClient({})
    return async (id: string) =>
      (await client.send(new GetParameterCommand({ Name: id, WithDecryption: true }))).Parameter?.Value
  })
  return async ({ store, id }) => {
    const read = await (store === 'parameter' ? fromParameters : fromSecretsManager)()
    const text = await read(id)
    if (text !== undefined && text !== '') return text
    throw Object.assign(new Error('The secret has no text.'), { name: 'NoText' })
  }
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined
  return () => {
    loaded ??= load()
    return loaded
  }
}
