const AWS_HOST = /\.(lambda-url|execute-api)\.([a-z0-9-]+)\./

/** The service and region that a host of AWS stands for; `undefined` for every other host. */
export function awsEndpoint(host: string): { readonly service: string; readonly region: string } | undefined {
  const [, kind, region] = AWS_HOST.exec(host) ?? []
  if (kind === undefined || region === undefined) return undefined
  return { service: kind === 'lambda-url' ? 'lambda' : kind, region }
}

export interface AwsIdentity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** As the AWS SDK takes them. */
export type AwsCredentials = AwsIdentity | (() => Promise<AwsIdentity>)
