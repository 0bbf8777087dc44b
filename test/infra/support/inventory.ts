import { type AwsApi, elements } from './emulator.ts'

/** What there is in the account, by the type that Terraform gives it; asked of each service, not of Terraform. */
export type Inventory = Readonly<Record<string, readonly string[]>>

/** Types that go with another and cannot be there without it. */
export const PARTS: Readonly<Record<string, string>> = {
  aws_dynamodb_table_item: 'aws_dynamodb_table',
  aws_iam_role_policy: 'aws_iam_role',
  aws_lambda_function_url: 'aws_lambda_function',
  aws_s3_bucket_lifecycle_configuration: 'aws_s3_bucket',
  aws_s3_bucket_ownership_controls: 'aws_s3_bucket',
  aws_s3_bucket_policy: 'aws_s3_bucket',
  aws_s3_bucket_public_access_block: 'aws_s3_bucket',
  aws_s3_bucket_server_side_encryption_configuration: 'aws_s3_bucket',
  aws_s3_bucket_versioning: 'aws_s3_bucket',
  aws_s3_object: 'aws_s3_bucket',
}

type List = (aws: AwsApi, url: string) => Promise<readonly string[]>

const LISTS: Readonly<Record<string, List>> = {
  async aws_dynamodb_table(aws) {
    const { TableNames } = await aws.json('dynamodb', 'DynamoDB_20120810.ListTables', {})
    return TableNames as string[]
  },
  async aws_s3_bucket(_aws, url) {
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request'
    return elements(await (await fetch(url, { headers: { authorization } })).text(), 'Name')
  },
  async aws_lambda_function(_aws, url) {
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/lambda/aws4_request'
    const answer = await fetch(`${url}/2015-03-31/functions/`, { headers: { authorization } })
    return names(((await answer.json()) as { Functions: unknown }).Functions, 'FunctionName')
  },
  async aws_iam_role(aws) {
    const answer = await aws.query('iam', { Action: 'ListRoles', Version: '2010-05-08' })
    return elements(answer, 'RoleName')
  },
  async aws_cloudwatch_log_group(aws) {
    const { logGroups } = await aws.json('logs', 'Logs_20140328.DescribeLogGroups', {})
    return names(logGroups, 'logGroupName')
  },
  async aws_cloudwatch_metric_alarm(aws) {
    const answer = await aws.query('monitoring', { Action: 'DescribeAlarms', Version: '2010-08-01' })
    return elements(answer, 'AlarmName')
  },
  async aws_ssm_parameter(aws) {
    const { Parameters } = await aws.json('ssm', 'AmazonSSM.DescribeParameters', {})
    return names(Parameters, 'Name')
  },
  async aws_kms_alias(aws) {
    return (await aliases(aws)).filter(({ isOfAws }) => !isOfAws).map(({ name }) => name)
  },
  /** Without those of AWS itself. A deleted key waits out its period, here as on AWS; nobody can use it any more. */
  async aws_kms_key(aws) {
    const ofAws = (await aliases(aws)).filter(({ isOfAws }) => isOfAws).map(({ key }) => key)
    const { Keys } = await aws.json('kms', 'TrentService.ListKeys', {})
    const keys = names(Keys, 'KeyId').map(async (KeyId) => {
      const { KeyMetadata } = await aws.json('kms', 'TrentService.DescribeKey', { KeyId })
      const { KeyState } = KeyMetadata as { readonly KeyState: string }
      return KeyState === 'PendingDeletion' || ofAws.includes(KeyId) ? [] : [KeyId]
    })
    return (await Promise.all(keys)).flat()
  },
  async aws_codebuild_project(aws) {
    return (await aws.json('codebuild', 'CodeBuild_20161006.ListProjects', {})).projects as string[]
  },
}

export async function takeInventory(aws: AwsApi, url: string): Promise<Inventory> {
  const lists = Object.entries(LISTS).map(async ([type, list]) => [type, await list(aws, url)] as const)
  return Object.fromEntries(await Promise.all(lists))
}

async function aliases(aws: AwsApi) {
  const { Aliases } = await aws.json('kms', 'TrentService.ListAliases', {})
  const list = Aliases as readonly { readonly AliasName: string; readonly TargetKeyId: string }[]
  return list.map(({ AliasName: name, TargetKeyId: key }) => {
    return { name, key, isOfAws: name.startsWith('alias/aws/') }
  })
}

function names(list: unknown, field: string): string[] {
  return (list as readonly Record<string, string>[]).map((item) => item[field] ?? '')
}
