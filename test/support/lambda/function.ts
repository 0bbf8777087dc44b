import { mkdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { zip } from '../../../scripts/zip.ts'
import { type Outcome, Sandbox } from './sandbox.ts'
import { unzip } from './unzip.ts'

export interface FunctionSpec {
  /** The file with the handler, as built by `npm run build`. Pass this or `zip`. */
  readonly bundle?: string
  /** A zip file for Lambda. */
  readonly zip?: string
  /** Default: `index.handler`. */
  readonly handler?: string
  /** Added to the variables of the runtime. */
  readonly env?: Readonly<Record<string, string>>
  /** Default: 30 s. */
  readonly timeoutMs?: number
  /** The maximum number of sandboxes. More invocations are throttled. Default: 10. */
  readonly concurrency?: number
}

/** The payload limit of a synchronous invocation, in each direction. */
export const MOST_PAYLOAD_BYTES = 6 * 1024 * 1024

/** A package and the folder into which it is unpacked. */
interface Code {
  readonly zip: Uint8Array
  readonly folder: string
}

/** A deployed function: its code, its published versions, and the sandboxes that run them. */
export class LambdaFunction {
  readonly name: string
  readonly spec: FunctionSpec
  /** The output of its processes, in order. */
  readonly logs: string[] = []
  coldStarts = 0
  /** Running asynchronous invocations. */
  readonly underWay = new Set<Promise<unknown>>()
  readonly #sandboxes = new Map<string, { readonly sandbox: Sandbox; readonly code: Code }>()
  readonly #versions: Code[] = []
  readonly #scratch: string
  readonly #runtimeApi: () => string
  #latest: Promise<Code>
  #deployments = 0

  constructor(name: string, spec: FunctionSpec, scratch: string, runtimeApi: () => string) {
    this.name = name
    this.spec = spec
    this.#scratch = scratch
    this.#runtimeApi = runtimeApi
    this.#latest = this.#packageOf(spec).then((zip) => this.#unpack(zip))
    this.#latest.catch(() => undefined)
  }

  async #packageOf({ zip: file, bundle }: FunctionSpec): Promise<Uint8Array> {
    if (file !== undefined) return await readFile(file)
    if (bundle === undefined) throw new TypeError(`The function ${this.name} has neither bundle nor zip.`)
    return zip([{ name: basename(bundle), bytes: await readFile(bundle) }])
  }

  sandbox(id: string): Sandbox | undefined {
    return this.#sandboxes.get(id)?.sandbox
  }

  /** The package of `$LATEST`. */
  async package(): Promise<Uint8Array> {
    return (await this.#latest).zip
  }

  /** Publishes `$LATEST`, and returns the version number. */
  async publish(): Promise<string> {
    this.#versions.push(await this.#latest)
    return String(this.#versions.length)
  }

  hasVersion(qualifier: string): boolean {
    return this.#versions[Number(qualifier) - 1] !== undefined
  }

  /**
   * `undefined` if all sandboxes are busy and the limit is reached. A qualifier that is not a version is an alias.
   */
  async invoke(event: string, qualifier?: string): Promise<Outcome | undefined> {
    const code = this.#versions[Number(qualifier) - 1] ?? (await this.#latest)
    const running = [...this.#sandboxes.values()].filter((one) => one.code === code && one.sandbox.idle)
    const sandbox = running[0]?.sandbox ?? this.#start(code)
    if (sandbox === undefined) return undefined
    const outcome = await sandbox.invoke(event, qualifier)
    if (Buffer.byteLength(outcome.payload) <= MOST_PAYLOAD_BYTES) return outcome
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${MOST_PAYLOAD_BYTES} bytes).`
    return {
      ...outcome,
      failed: true,
      payload: JSON.stringify({ errorType: 'Function.ResponseSizeTooLarge', errorMessage }),
    }
  }

  /** Invokes the function asynchronously. */
  invokeLater(event: string, qualifier?: string): void {
    const running = this.invoke(event, qualifier).catch(() => undefined)
    this.underWay.add(running)
    void running.then(() => this.underWay.delete(running))
  }

  /** Replaces the code. Published versions keep running. */
  async update(zip: Uint8Array): Promise<void> {
    const [before, code] = [await this.#latest, await this.#unpack(zip)]
    this.#latest = Promise.resolve(code)
    const outdated = [...this.#sandboxes].filter(([, one]) => one.code === before)
    for (const [id] of outdated) this.#sandboxes.delete(id)
    await Promise.all(outdated.map(([, { sandbox }]) => sandbox.stop()))
  }

  async stop(): Promise<void> {
    const running = [...this.#sandboxes.values()]
    this.#sandboxes.clear()
    await Promise.all(running.map(({ sandbox }) => sandbox.stop()))
  }

  #start(code: Code): Sandbox | undefined {
    for (const [id, { sandbox }] of this.#sandboxes) if (!sandbox.alive) this.#sandboxes.delete(id)
    const { concurrency = 10, handler = 'index.handler', env = {}, timeoutMs = 30_000 } = this.spec
    if (this.#sandboxes.size >= concurrency) return undefined
    const id = `${this.name}:${++this.coldStarts}`
    const sandbox = new Sandbox({
      functionName: this.name,
      folder: code.folder,
      handler,
      env,
      timeoutMs,
      runtimeApi: `${this.#runtimeApi()}/sandbox/${encodeURIComponent(id)}`,
      log: (text) => this.logs.push(...text.split('\n').filter((line) => line !== '')),
    })
    this.#sandboxes.set(id, { sandbox, code })
    return sandbox
  }

  async #unpack(zip: Uint8Array): Promise<Code> {
    const folder = join(this.#scratch, `${encodeURIComponent(this.name)}-${++this.#deployments}`)
    await mkdir(folder, { recursive: true })
    await unzip(zip, folder)
    return { zip, folder }
  }
}
