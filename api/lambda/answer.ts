/** What Function URLs, API Gateway and the clients of direct invocations take for an HTTP answer. */
export interface LambdaAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded: false
}

/** All that we answer is text. */
export async function lambdaAnswer(response: Response): Promise<LambdaAnswer> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
    isBase64Encoded: false,
  }
}
