import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

/** The text of a secret, by its ARN. */
export function createSecretsManagerReader(): (arn: string) => Promise<string | undefined> {
  const client = new SecretsManagerClient({})
  return async (arn) => (await client.send(new GetSecretValueCommand({ SecretId: arn }))).SecretString
}
