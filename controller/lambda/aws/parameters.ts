import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { PATIENCE } from './patience.ts'

/** Reads the value of an SSM parameter by its name or ARN. */
export function createParameterReader(): (name: string) => Promise<string | undefined> {
  const client = new SSMClient(PATIENCE)
  return async (name) =>
    (await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }))).Parameter?.Value
}
