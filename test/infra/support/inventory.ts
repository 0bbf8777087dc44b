import { type AwsApi, elements } from './emulator.ts'

/** What there is in the account, by the type that Terraform gives it; asked of each service, not of Terraform. */
export type Inventory = Readonly<Record<string, readonly string[]>>

/** Types that go with another and cannot be there without it. */
const PARTS: Readonly<Record<string, string>> = {
  aws_apigatewayv2_integration: 'aws_apigatewayv2_api',
  aws_apigatewayv2_route: 'aws_apigatewayv2_api',
  aws_apigatewayv2_stage: 'aws_apigatewayv2_api',
  aws_dynamodb_table_item: 'aws_dynamodb_table',
  aws_iam_role_policy: 'aws_iam_role',
  aws_lambda_alias: 'aws_lambda_function',
  aws_lambda_function_event_invoke_config: 'aws_lambda_function',
  aws_lambda_function_url: 'aws_lambda_function',
  aws_lambda_permission: 'aws_lambda_function',
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
  async aws_lambda_function(aws) {
    return names((await aws.get('lambda', '/2015-03-31/functions/')).Functions, 'FunctionName')
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
  async aws_apigatewayv2_api(aws) {
    return names((await aws.get('apigateway', '/v2/apis')).items, 'name')
  },
  async aws_scheduler_schedule(aws) {
    return names((await aws.get('scheduler', '/schedules')).Schedules, 'Name')
  },
  async aws_sqs_queue(aws) {
    return ((await aws.json('sqs', 'AmazonSQS.ListQueues', {})).QueueUrls ?? []) as string[]
  },
  async aws_codebuild_project(aws) {
    return (await aws.json('codebuild', 'CodeBuild_20161006.ListProjects', {})).projects as string[]
  },
}

/** What there is of these types. Throws for a type that nobody knows how to look for. */
export async function takeInventory(aws: AwsApi, url: string, types: readonly string[]): Promise<Inventory> {
  const owners = new Set(types.map((type) => PARTS[type] ?? type))
  const lists = [...owners].map(async (type) => {
    const list = LISTS[type]
    if (list === undefined) throw new Error(`Nobody knows how to look for ${type}.`)
    return [type, await list(aws, url)] as const
  })
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
