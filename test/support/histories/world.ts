import { expect } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import type { Planned } from '../../../controller/pass/pass-input.ts'
import { runPass } from '../../../controller/pass/run-pass.ts'
import type { PlannedChange } from '../../../controller/plan/changes.ts'
import type { ChangeOutcome } from '../../../controller/plan/outcomes.ts'
import { changesOf } from '../../../controller/plan/plan.ts'
import type { Wishes } from '../../../controller/state/due-pass.ts'
import type { PassReport } from '../../../controller/state/pass-report.ts'
import { inFreeze } from '../../../controller/values/freeze.ts'
import { sourceConfig } from '../controller.ts'
import { makeRegistry, outcome } from '../registry.ts'
import { expectSettled } from './expect-settled.ts'
import { History, type HistoryRepository } from './history.ts'
import { type Line, watchLine } from './line.ts'
import { SOURCE } from './reading.ts'
import { takeRepositoryStep } from './repository-steps.ts'
import type { PersonStep, Setting, Step } from './steps.ts'
import { withTrouble } from './trouble.ts'
import { createWriters, type WriterName, type Writers } from './writers.ts'

/** Longer than any lease, retry or heartbeat, in milliseconds. */
const LATER = 600_000

/** Checks that an undisturbed pass does exactly what its plan shows. */
function watchPlan() {
  let planned: readonly PlannedChange[] = []
  let outcomes: readonly ChangeOutcome[] = []
  return {
    input: {
      onPlan({ plan }: Planned) {
        planned = changesOf(plan)
      },
      onOutcomes(made: Iterable<ChangeOutcome>) {
        outcomes = [...made]
      },
    },
    moves: () =>
      outcomes.some(
        ({ change, kind }) => kind === 'done' && change.do === 'archive' && change.movedTo !== null,
      ),
    expectAsPlanned() {
      // A mass change is held.
      if (outcomes.length === 0) return
      const texts = (changes: readonly PlannedChange[]) =>
        changes.map((change) => JSON.stringify(change)).sort()
      expect(outcomes.filter(({ kind }) => kind !== 'done')).toEqual([])
      expect(texts(outcomes.map(({ change }) => change))).toEqual(texts(planned))
    },
  }
}

/** A repository, a registry, two writers that sync the one into the other, and people who act on it. */
export class World {
  readonly history: History
  readonly api: RegistryApi
  /** Prompts whose releases a person changed. */
  readonly touched = new Set<string>()
  /** How often each event happened. */
  readonly ends = new Map<string, number>()
  setting: Setting
  /** Whether a tag off the branch could ever count. */
  wasOpen: boolean
  readonly #registry = makeRegistry()
  readonly #line: Line
  readonly #writers: Writers
  readonly #busy = new Set<WriterName>()

  private constructor(history: History, setting: Setting) {
    this.history = history
    this.setting = setting
    this.wasOpen = !setting.requireReachable
    this.api = this.#registry.as({ actor: 'controller', access: 'write', sources: [SOURCE] })
    this.#line = watchLine(this.api, history, setting)
    this.#writers = createWriters(this.api, history)
  }

  static async begin(repository: HistoryRepository, setting: Setting): Promise<World> {
    const files = { 'prompts/a.txt': 'one', 'prompts/b.txt': 'two' } as const
    return new World(await History.begin(repository, files), setting)
  }

  async run(step: Step): Promise<void> {
    switch (step.do) {
      case 'pass':
        return void (await this.pass(this.#free(step.writer), { force: step.force }))
      case 'disturbedPass':
        return await this.#disturbedPass(step)
      case 'wait':
        this.#registry.clock.now += step.ms
        return
      case 'configure':
        this.wasOpen ||= !step.requireReachable
        this.setting = { ...this.setting, backfill: step.backfill, requireReachable: step.requireReachable }
        return
      case 'settle':
        return await expectSettled(this)
      case 'rollback':
      case 'hold':
      case 'unhold':
      case 'revoke':
        return await this.#act(step)
      default:
        return await takeRepositoryStep(this.history, step)
    }
  }

  /**
   * Runs passes until nothing changes, with a person who confirms mass changes. Returns the reports, oldest first.
   */
  async settle(): Promise<PassReport[]> {
    const reports: PassReport[] = []
    do this.#registry.clock.now += LATER
    while (this.#isFrozen())
    while (reports.at(-1)?.result !== 'unchanged' && reports.length < 5)
      reports.push(await this.pass('first', { confirm: true }))
    return reports
  }

  async pass(writer: WriterName, options: Wishes = {}, runtime = this.#writers[writer]): Promise<PassReport> {
    const { clock } = this.#registry
    const wasFrozen = this.#isFrozen()
    this.#busy.add(writer)
    const watched = watchPlan()
    const report = await runPass({
      ...runtime,
      ...options,
      ...watched.input,
      source: this.#source(),
      holder: writer,
      // So that a plan has several parts.
      promptsAtOnce: 2,
      repository: 'upstream',
      now: () => clock.now,
      random: () => 0.5,
      pause: async (ms) => {
        clock.now += ms
      },
    })
    this.#busy.delete(writer)
    if (runtime === this.#writers[writer]) watched.expectAsPlanned()
    this.#note(`${report.kind} pass: ${report.result}`)
    for (const [what, count] of Object.entries(report.counts)) if (count > 0) this.#note(what)
    if (watched.moves()) this.#note('moved')
    for (const { code } of report.findings) this.#note(code)
    await this.#line.afterPasses({ frozen: wasFrozen && this.#isFrozen() })
    this.#writers.expectOrder()
    return report
  }

  /** A separate registry that starts from the current repository. */
  rebuild(): World {
    return new World(this.history, this.setting)
  }

  close(): void {
    this.#registry.close()
  }

  async #disturbedPass(step: Extract<Step, { do: 'disturbedPass' }>): Promise<void> {
    for (const one of step.before) await this.run(one)
    const { what, after } = step.trouble
    const strike = (call: string) => this.#note(`${what} ${after ? 'after' : 'before'} ${call}`)
    let wentOn = false
    const goOn = async () => {
      wentOn = true
      for (const one of step.meanwhile) await this.run(one)
    }
    const writer = this.#free(step.writer)
    await this.pass(writer, {}, withTrouble(this.#writers[writer], step.trouble, strike, goOn))
    if (!wentOn) await goOn()
  }

  /** A writer runs one pass at a time, so a pass inside a pass belongs to the other writer. */
  #free(writer: WriterName): WriterName {
    if (!this.#busy.has(writer)) return writer
    return writer === 'first' ? 'second' : 'first'
  }

  async #act(step: PersonStep): Promise<void> {
    await this.#line.afterPasses({ frozen: false })
    const code = await outcome(this.#ask(step))
    if (code === 'done') this.touched.add(step.id)
    this.#note(`${step.do}: ${code}`)
    await this.#line.afterPerson()
  }

  async #ask(step: PersonStep): Promise<unknown> {
    const { admin } = this.#registry
    if (step.do === 'rollback') return await admin.rollback(step.id, { hold: step.hold })
    if (step.do !== 'revoke') return await admin[step.do](step.id, {})
    const { versions } = await admin.versions(step.id)
    const version = versions[step.which % versions.length]
    return version && (await admin.revoke(step.id, { version: version.version, scope: step.scope }))
  }

  #source() {
    return sourceConfig({ name: SOURCE, repository: 'upstream', ...this.setting })
  }

  #isFrozen(): boolean {
    return inFreeze(this.#source().freeze, this.#registry.clock.now) !== null
  }

  #note(end: string): void {
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1)
  }
}
