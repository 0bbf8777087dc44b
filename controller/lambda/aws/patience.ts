/** For every client of the AWS SDK: a request that hangs must end well before the function does. */
export const PATIENCE = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
}
