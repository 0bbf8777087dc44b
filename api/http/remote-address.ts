/** The remote address of a request's connection, from the `env` that the server passes to the app. */
export function remoteAddress(env: unknown): string | undefined {
  const { incoming } = (env ?? {}) as {
    readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
  }
  return incoming?.socket?.remoteAddress
}
