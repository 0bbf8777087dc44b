import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { PATIENCE } from './patience.ts'

/** Reads the value of a secret by its ARN. */
export function createSecretsManagerReader(): (arn: string) => Promise<string | undefined> {
  const client = new SecretsManagerClient(PATIENCE)
  return async (arn) => (await client.send(new GetSecretValueCommand({ SecretId: arn }))).SecretString
}
