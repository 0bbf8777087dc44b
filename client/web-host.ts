import { ambient } from './ambient.ts'
import type { Host } from './host.ts'
import { fetchSender } from './transport/http-sender.ts'

/** For runtimes without the modules of Node: HTTP and the cache, no files and no Lambda. */
export const webHost: Host = {
  clock: ambient.clock,
  sha256: async (text) => {
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  },
  createSender: () => fetchSender(ambient.fetch),
  createLambdaTransport: () => unsupported('functionName', 'set registryUrl instead'),
  createLocalTier: () => unsupported('localDir', 'it needs a file system'),
  loadVerifier: () => unsupported('verify', 'verify the prompts in a program that runs in Node'),
  loadActiveSpan: async () => undefined,
  textFiles: {
    read: async () => unsupported('snapshot or bundle', 'it needs a file system'),
    list: async () => unsupported('loadBlueprints', 'it needs a file system'),
    write: async () => unsupported('snapshot', 'it needs a file system'),
  },
}

function unsupported(option: string, why: string): never {
  throw new TypeError(`This runtime does not support the option "${option}"; ${why}.`)
}
