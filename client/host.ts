import type { Sha256 } from './belief.ts'
import type { Events } from './events.ts'
import type { LoadActiveSpan } from './telemetry.ts'
import type { LocalTier } from './tier.ts'
import type { HttpSender } from './transport/http-sender.ts'
import type { SetTimer } from './transport/timer.ts'
import type { Transport } from './transport/transport.ts'
import type { KeyTexts, LoadVerifier, Verifier } from './verification.ts'

/** What differs between Node and runtimes without its modules, such as browsers and Cloudflare Workers. */
export interface Host {
  /** Milliseconds that never go back. */
  readonly clock: () => number
  readonly sha256: Sha256
  /** Sends requests if there is no `fetch` option. `timeoutMs` is the usual deadline of one. */
  createSender(timeoutMs: number): HttpSender
  /** Throws a `TypeError` if the runtime cannot do it; the same holds for the others. */
  createLambdaTransport(options: {
    readonly functionName: string
    readonly timeoutMs: number
    readonly setTimer: SetTimer | undefined
  }): Transport
  createLocalTier(localDir: string, events: Events, loadVerifier?: LoadVerifier): LocalTier
  /** Throws a `TypeError` at once if the runtime cannot verify. Rejects with an `Error` for a wrong key. */
  loadVerifier(keys: KeyTexts): Promise<Verifier>
  readonly textFiles: TextFiles
  readonly loadActiveSpan: LoadActiveSpan
}

export interface TextFiles {
  /** `undefined` if there is no such file. Rejects for bytes that are not UTF-8. */
  read(path: string): Promise<string | undefined>
  /** Names in a folder, sorted. */
  list(dir: string): Promise<readonly string[]>
  /** Readers see the old text or the new one, never a part. */
  write(path: string, text: string): Promise<void>
}
