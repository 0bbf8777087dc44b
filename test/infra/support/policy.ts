import type { NeededPermission } from './recorder.ts'

/** A policy document as IAM gives it, in one form: lists where IAM allows a single value. */
export interface Statement {
  readonly sid: string
  readonly effect: string
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly condition: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
}

interface RawStatement {
  readonly Sid?: string
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: Statement['condition']
}

/** Throws where a statement has anything that a reader of `Statement` would not see, such as `NotAction`. */
export function readPolicy(document: string): readonly Statement[] {
  const { Statement: statements } = JSON.parse(document) as { Statement: RawStatement | RawStatement[] }
  return [statements].flat().map((statement) => {
    const known = ['Sid', 'Effect', 'Action', 'Resource', 'Condition', 'Principal']
    const strange = Object.keys(statement).filter((key) => !known.includes(key))
    if (strange.length > 0) throw new Error(`A statement has ${strange.join(', ')}.`)
    return {
      sid: statement.Sid ?? '',
      effect: statement.Effect,
      actions: [statement.Action].flat(),
      resources: [statement.Resource].flat(),
      condition: statement.Condition,
    }
  })
}

/** What no call of the functions shows, since AWS makes these itself with the rights of the role. */
export const BY_AWS_ITSELF: Readonly<Record<string, string>> = {
  'kms:Decrypt': 'DynamoDB and S3 decrypt on behalf of the caller',
  'kms:GenerateDataKey': 'S3 encrypts on behalf of the caller',
  'logs:CreateLogStream': 'Lambda and CodeBuild write the logs of what they run',
  'logs:PutLogEvents': 'Lambda and CodeBuild write the logs of what they run',
  'xray:PutTraceSegments': 'Lambda sends the traces of a function',
  'xray:PutTelemetryRecords': 'Lambda sends the traces of a function',
  'ec2:CreateNetworkInterface': 'Lambda attaches a function to a VPC',
  'ec2:DescribeNetworkInterfaces': 'Lambda attaches a function to a VPC',
  'ec2:DescribeSubnets': 'Lambda attaches a function to a VPC',
  'ec2:DeleteNetworkInterface': 'Lambda attaches a function to a VPC',
  'ec2:AssignPrivateIpAddresses': 'Lambda attaches a function to a VPC',
  'ec2:UnassignPrivateIpAddresses': 'Lambda attaches a function to a VPC',
}

type Call = Pick<NeededPermission, 'action' | 'resource'>

/** The calls that a policy would not allow. */
export function missingIn(statements: readonly Statement[], needed: readonly Call[]): string[] {
  const missing = needed.filter(
    ({ action, resource }) => !statements.some((statement) => permits(statement, action, resource)),
  )
  return [...new Set(missing.map(({ action, resource }) => `${action} ${resource}`))]
}

/** What a policy allows that nobody did, apart from what AWS does itself in the name of the role. */
export function unusedIn(statements: readonly Statement[], needed: readonly Call[]): string[] {
  const used = (statement: Statement, action: string) =>
    needed.some((call) => call.action === action && permits(statement, action, call.resource))
  const allowing = statements.filter(({ effect }) => effect === 'Allow')
  return allowing.flatMap((statement) =>
    statement.actions
      .filter((action) => !(action in BY_AWS_ITSELF) && !used(statement, action))
      .map((action) => `${statement.sid}: ${action}`),
  )
}

/** What the statement would allow, one action at a time. */
export function permits(statement: Statement, action: string, resource: string): boolean {
  return (
    statement.effect === 'Allow' &&
    statement.actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    statement.resources.some((pattern) => matches(pattern, resource))
  )
}

function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(text)
}
