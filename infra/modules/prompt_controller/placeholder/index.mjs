/** The response of the functions until their bundles are deployed, for API Gateway and for direct invocations. */
export async function handler() {
  return {
    statusCode: 503,
    headers: { 'content-type': 'application/json', 'retry-after': '60' },
    body: JSON.stringify({
      error:
        'The controller is provisioned, but its code is not deployed yet; run "npm run deploy -- --zip dist/lambda/controller.zip --function NAME" for it, and with webhooks.zip for the function that takes webhooks.',
      code: 'unavailable',
    }),
  }
}
