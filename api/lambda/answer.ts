/** The HTTP response format of Function URLs, API Gateway and clients that invoke the function directly. */
export interface LambdaAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded: false
}

/** All our responses are text. */
export async function lambdaAnswer(response: Response): Promise<LambdaAnswer> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
    isBase64Encoded: false,
  }
}
