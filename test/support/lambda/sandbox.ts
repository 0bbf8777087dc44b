import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'

const BOOTSTRAP = fileURLToPath(new URL('bootstrap.ts', import.meta.url))

/** The result of an invocation: the function's JSON, or its error document. */
export interface Outcome {
  readonly requestId: string
  readonly payload: string
  readonly failed: boolean
}

export interface SandboxOptions {
  readonly functionName: string
  readonly folder: string
  readonly handler: string
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** `host:port` and path of the Runtime API. */
  readonly runtimeApi: string
  readonly log: (text: string) => void
}

/** The requests of a sandbox's process to the Runtime API. */
export interface RuntimeSide {
  /** Resolves with the next event. */
  next(): Promise<Handed>
  done(payload: string, failed: boolean): void
}

export interface Handed {
  readonly requestId: string
  readonly event: string
  /** The alias with which the function was invoked, if any. */
  readonly qualifier: string | undefined
  readonly deadlineMs: number
}

interface Invocation {
  readonly requestId: string
  readonly event: string
  readonly qualifier: string | undefined
  readonly finish: (outcome: Omit<Outcome, 'requestId'>) => void
}

/** An execution environment: a separate process that handles one invocation at a time. */
export class Sandbox implements RuntimeSide {
  readonly #options: SandboxOptions
  readonly #process: ChildProcess
  readonly #exited: Promise<void>
  #current: Invocation | undefined
  #asking: ((invocation: Invocation) => void) | undefined
  #initError: string | undefined
  alive = true

  constructor(options: SandboxOptions) {
    this.#options = options
    const args = ['--disable-warning=ExperimentalWarning', BOOTSTRAP]
    const stdio = ['ignore', 'pipe', 'pipe'] as const
    this.#process = spawn(process.execPath, args, {
      env: runtimeEnv(options),
      cwd: options.folder,
      stdio: [...stdio],
    })
    this.#process.stdout?.on('data', (data) => options.log(String(data)))
    this.#process.stderr?.on('data', (data) => options.log(String(data)))
    this.#exited = new Promise((resolve) => {
      this.#process.once('close', (code, signal) => {
        this.alive = false
        this.#current?.finish({
          payload: this.#initError ?? exitError(this.#current, code, signal),
          failed: true,
        })
        resolve()
      })
    })
  }

  get idle(): boolean {
    return this.alive && this.#current === undefined
  }

  async invoke(event: string, qualifier?: string): Promise<Outcome> {
    const requestId = randomUUID()
    const { timeoutMs } = this.#options
    const outcome = await new Promise<Omit<Outcome, 'requestId'>>((resolve) => {
      const timer = setTimeout(() => {
        finish({ payload: timeoutError(requestId, timeoutMs), failed: true })
        void this.stop()
      }, timeoutMs)
      const finish: Invocation['finish'] = (outcome) => {
        clearTimeout(timer)
        this.#current = undefined
        resolve(outcome)
      }
      this.#current = { requestId, event, qualifier, finish }
      this.#hand()
    })
    return { requestId, ...outcome }
  }

  async next(): Promise<Handed> {
    const { requestId, event, qualifier } = await new Promise<Invocation>((resolve) => {
      this.#asking = resolve
      this.#hand()
    })
    return { requestId, event, qualifier, deadlineMs: Date.now() + this.#options.timeoutMs }
  }

  done(payload: string, failed: boolean): void {
    this.#current?.finish({ payload, failed })
  }

  initFailed(payload: string): void {
    this.#initError = payload
  }

  async stop(): Promise<void> {
    this.alive = false
    this.#process.kill('SIGKILL')
    await this.#exited
  }

  #hand(): void {
    if (this.#current === undefined || this.#asking === undefined) return
    this.#asking(this.#current)
    this.#asking = undefined
  }
}

/** The variables of the runtime, without the machine's environment. */
function runtimeEnv({ functionName, folder, handler, runtimeApi, env }: SandboxOptions): NodeJS.ProcessEnv {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SESSION_TOKEN: 'test',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: handler,
    ...env,
  }
}

function exitError({ requestId }: Invocation, code: number | null, signal: string | null): string {
  const how = signal === null ? `exit status ${code}` : `signal: ${signal}`
  const errorMessage = `RequestId: ${requestId} Error: Runtime exited with error: ${how}`
  return JSON.stringify({ errorType: 'Runtime.ExitError', errorMessage })
}

function timeoutError(requestId: string, timeoutMs: number): string {
  const seconds = (timeoutMs / 1000).toFixed(2)
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`
  return JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage })
}
