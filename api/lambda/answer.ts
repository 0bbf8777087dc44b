import type { RegistryAnswer } from '../http/answer.ts'

/** The HTTP response format of Function URLs, API Gateway and clients that invoke the function directly. */
export interface LambdaAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded: false
}

/** All our responses are text. */
export function lambdaAnswer({ status, headers, text }: RegistryAnswer): LambdaAnswer {
  return { statusCode: status, headers, body: text ?? '', isBase64Encoded: false }
}
