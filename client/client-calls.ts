import { seesDrafts } from '../api/contract/mode.ts'
import type { PromptResolutionError } from './errors.ts'
import type { ActiveSpan } from './hits.ts'
import { CALL_OPTION_NAMES, type CallOptions } from './options.ts'
import type { Parts } from './parts.ts'
import { parseQuestion } from './questions.ts'
import type { Resolution } from './resolution.ts'
import type { ResolveOptions } from './resolver.ts'
import { type PromptSession, type SessionOptions, startSession } from './session.ts'
import { checkNames } from './settings.ts'
import { spanAttributes } from './telemetry.ts'
import type { Question } from './tier.ts'

/** The calls of a client that read prompts. All but fresh hits wait for the snapshot; all report to the active span. */
export class ClientCalls {
  /** `undefined` until OpenTelemetry is loaded, and without it. */
  activeSpan: ActiveSpan | undefined
  readonly #parts: Parts
  #starting: Promise<void> | undefined
  #isReady = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async resolve(reference: string, options: CallOptions = {}): Promise<Resolution> {
    checkNames('option of a call', options, CALL_OPTION_NAMES)
    return await this.#resolve(this.#question(reference, options.mode), options)
  }

  async getAll(references: readonly string[], options: CallOptions): Promise<Map<string, string>> {
    const resolutions = await this.resolveAll(references, options)
    return new Map(
      resolutions.map((resolution, n) => {
        if (resolution instanceof Error) throw resolution
        return [references[n] as string, resolution.text]
      }),
    )
  }

  /** One result for each reference, in order. */
  async resolveAll(
    references: readonly string[],
    options: CallOptions,
  ): Promise<readonly (Resolution | PromptResolutionError)[]> {
    checkNames('option of a call', options, CALL_OPTION_NAMES)
    const questions = this.questions(references, options)
    if (!this.#isReady) await this.#started()
    return await this.#parts.resolver.resolveAll(questions, this.#resolveOptions(options))
  }

  session(options: SessionOptions): Promise<PromptSession> {
    const { settings, pointers } = this.#parts
    const { mode } = settings
    return startSession(
      {
        pointers: mode !== undefined && seesDrafts(mode) ? undefined : pointers,
        question: (reference) => this.#question(reference),
        resolve: (question, call) => this.#resolve(question, call),
      },
      options,
    )
  }

  questions(references: readonly string[], { mode }: Pick<CallOptions, 'mode'>): Question[] {
    return references.map((reference) => this.#question(reference, mode))
  }

  #question(reference: string, mode?: CallOptions['mode']): Question {
    return parseQuestion(reference, mode, this.#parts.settings.mode)
  }

  async #resolve(question: Question, options: CallOptions): Promise<Resolution> {
    if (!this.#isReady) await this.#started()
    const resolution = await this.#parts.resolver.resolve(question, this.#resolveOptions(options))
    this.activeSpan?.()?.setAttributes(spanAttributes(resolution, resolution.tier, resolution.stale))
    return resolution
  }

  #started(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  /** Before the first request. OpenTelemetry is not waited for: it is there before a registry has answered. */
  async #start(): Promise<void> {
    void this.#parts.loadActiveSpan().then((activeSpan) => {
      this.activeSpan = activeSpan
    })
    await this.#parts.snapshots.loaded
    this.#isReady = true
  }

  #resolveOptions({ ttlMs = this.#parts.settings.ttlMs, signal }: CallOptions): ResolveOptions {
    return { ttlMs, signal }
  }
}
