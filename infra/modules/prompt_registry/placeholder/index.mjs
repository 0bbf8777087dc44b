/** The response of the functions until the bundle is deployed, for a Function URL and for a direct invocation. */
export async function handler() {
  return {
    statusCode: 503,
    headers: { 'content-type': 'application/json', 'retry-after': '60' },
    body: JSON.stringify({
      error:
        'The registry is provisioned, but its code is not deployed yet; run its CodeBuild project, or "npm run deploy -- --function NAME" for this function.',
      code: 'unavailable',
    }),
  }
}
