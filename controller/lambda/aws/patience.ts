/** Timeouts for every AWS SDK client. A hanging request must fail well before the function times out. */
export const PATIENCE = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
}
