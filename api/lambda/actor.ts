import { type Fields, record, text } from './fields.ts'

/** How a request reached the function, judged by the shape of its event. */
type WayIn = 'lambda:direct-invoke' | 'lambda:function-url' | 'lambda:api-gateway'

/** An IAM identity: a user, the root user, a role session or a federated user. */
const IDENTITY = /^arn:aws[a-z-]*:(?:iam|sts)::\d{12}:[\x21-\x7e]{1,512}$/

/** From a Function URL, an HTTP API, or the bare payload of a direct invocation. */
export function actorOfVersion2(event: Fields): string {
  const context = record(event.requestContext)
  return claimed(record(record(context.authorizer).iam).userArn, wayInOf(text(context.domainName)))
}

/** From a REST API, or an HTTP API with payload 1.0. */
export function actorOfVersion1(event: Fields): string {
  return claimed(record(record(event.requestContext).identity).userArn, 'lambda:api-gateway')
}

/**
 * Lambda does not pass on who invoked a function. Anybody allowed to invoke it directly can send an event with any
 * identity, which looks the same as one from a Function URL. So the identity is marked as claimed and grants
 * nothing.
 */
function claimed(identity: unknown, wayIn: WayIn): string {
  return typeof identity === 'string' && IDENTITY.test(identity) ? `${identity} (claimed)` : wayIn
}

/** Only requests through a URL have a domain. */
function wayInOf(domain: string | undefined): WayIn {
  if (domain === undefined) return 'lambda:direct-invoke'
  return domain.includes('.execute-api.') ? 'lambda:api-gateway' : 'lambda:function-url'
}
