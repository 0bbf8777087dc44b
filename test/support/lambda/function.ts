import { cp, mkdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Outcome, Sandbox } from './sandbox.ts'
import { unzip } from './unzip.ts'

export interface FunctionSpec {
  /** The file with the handler, as `npm run build` makes it. Give this or `zip`. */
  readonly bundle?: string
  /** A zip file, as Lambda takes it. */
  readonly zip?: string
  /** `index.handler` unless told. */
  readonly handler?: string
  /** Beside what the runtime sets. */
  readonly env?: Readonly<Record<string, string>>
  /** 30 s unless told. */
  readonly timeoutMs?: number
  /** Sandboxes at once, 10 unless told; an invocation beyond them is throttled. */
  readonly concurrency?: number
}

/** The payload limit of a synchronous invocation, each way. */
export const MOST_PAYLOAD_BYTES = 6 * 1024 * 1024

/** A deployed function: its code and the sandboxes that run it. */
export class LambdaFunction {
  readonly name: string
  readonly spec: FunctionSpec
  /** What its processes printed, in order. */
  readonly logs: string[] = []
  coldStarts = 0
  /** Asynchronous invocations that have not ended. */
  readonly underWay = new Set<Promise<unknown>>()
  readonly #sandboxes = new Map<string, Sandbox>()
  readonly #scratch: string
  readonly #runtimeApi: () => string
  #code: Promise<string>
  #deployments = 0

  constructor(name: string, spec: FunctionSpec, scratch: string, runtimeApi: () => string) {
    this.name = name
    this.spec = spec
    this.#scratch = scratch
    this.#runtimeApi = runtimeApi
    this.#code = this.#unpack(async (folder) => {
      if (spec.zip !== undefined) return await unzip(await readFile(spec.zip), folder)
      if (spec.bundle === undefined) throw new TypeError(`The function ${name} has neither bundle nor zip.`)
      await cp(spec.bundle, join(folder, basename(spec.bundle)))
    })
    this.#code.catch(() => undefined)
  }

  sandbox(id: string): Sandbox | undefined {
    return this.#sandboxes.get(id)
  }

  /** `undefined` where all sandboxes are busy and there may be no more. */
  async invoke(event: string, qualifier?: string): Promise<Outcome | undefined> {
    const folder = await this.#code
    const sandbox = [...this.#sandboxes.values()].find(({ idle }) => idle) ?? this.#start(folder)
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

  /** The same without anybody who waits for the outcome. */
  invokeLater(event: string, qualifier?: string): void {
    const running = this.invoke(event, qualifier).catch(() => undefined)
    this.underWay.add(running)
    void running.then(() => this.underWay.delete(running))
  }

  /** Other code from now on. */
  async update(zip: Uint8Array): Promise<void> {
    const code = this.#unpack((folder) => unzip(zip, folder))
    await code
    this.#code = code
    await this.stop()
  }

  async stop(): Promise<void> {
    const sandboxes = [...this.#sandboxes.values()]
    this.#sandboxes.clear()
    await Promise.all(sandboxes.map((sandbox) => sandbox.stop()))
  }

  #start(folder: string): Sandbox | undefined {
    for (const [id, { alive }] of this.#sandboxes) if (!alive) this.#sandboxes.delete(id)
    const { concurrency = 10, handler = 'index.handler', env = {}, timeoutMs = 30_000 } = this.spec
    if (this.#sandboxes.size >= concurrency) return undefined
    const id = `${this.name}:${++this.coldStarts}`
    const sandbox = new Sandbox({
      functionName: this.name,
      folder,
      handler,
      env,
      timeoutMs,
      runtimeApi: `${this.#runtimeApi()}/sandbox/${encodeURIComponent(id)}`,
      log: (text) => this.logs.push(...text.split('\n').filter((line) => line !== '')),
    })
    this.#sandboxes.set(id, sandbox)
    return sandbox
  }

  async #unpack(fill: (folder: string) => Promise<void>): Promise<string> {
    const folder = join(this.#scratch, `${encodeURIComponent(this.name)}-${++this.#deployments}`)
    await mkdir(folder, { recursive: true })
    await fill(folder)
    return folder
  }
}
