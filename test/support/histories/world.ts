import { expect } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import type { PassReport } from '../../../controller/pass-report.ts'
import { runPass } from '../../../controller/run-pass.ts'
import { sourceConfig } from '../controller.ts'
import { makeRegistry, outcome } from '../registry.ts'
import { expectSettled } from './expect-settled.ts'
import { History, type HistoryRepository, type Place } from './history.ts'
import { type Line, watchLine } from './line.ts'
import { SOURCE } from './reading.ts'
import type { Setting, Step } from './steps.ts'
import { type Surroundings, withTrouble } from './trouble.ts'

type Writer = 'first' | 'second'
const LATER = 600_000

/** A repository, a registry, two writers that follow the one into the other, and people who act on it. */
export class World {
  readonly history: History
  readonly api: RegistryApi
  /** Prompts whose releases a person took a hand in. */
  readonly touched = new Set<string>()
  /** What happened, and how often. */
  readonly ends = new Map<string, number>()
  setting: Setting
  /** Whether a tag could ever count off the branch. */
  wasOpen: boolean
  readonly #registry = makeRegistry()
  readonly #line: Line
  readonly #writers: Readonly<Record<Writer, Surroundings>>
  readonly #busy = new Set<Writer>()
  /** What each writer saw last, and what is settled, as `History.moves` counts. */
  readonly #seen = { first: 0, second: 0 }
  #settled = 0

  private constructor(history: History, setting: Setting) {
    this.history = history
    this.setting = setting
    this.wasOpen = !setting.requireReachable
    this.api = this.#registry.as({ actor: 'controller', access: 'write', sources: [SOURCE] })
    this.#line = watchLine(this.api, history, setting)
    this.#writers = { first: this.#newWriter('first'), second: this.#newWriter('second') }
  }

  static async begin(repository: HistoryRepository, setting: Setting): Promise<World> {
    const files = { 'prompts/a.txt': 'one', 'prompts/b.txt': 'two' } as const
    return new World(await History.begin(repository, files), setting)
  }

  async run(step: Step): Promise<void> {
    switch (step.do) {
      case 'commit':
        return await this.history.commit(step.changes, step.aside)
      case 'ship':
        return await this.#ship(step)
      case 'rename':
        return await this.#rename(step.from, step.to)
      case 'moveBranch':
        return await this.history.moveBranch(step.to)
      case 'tag':
        return await this.#tag(step)
      case 'moveTag':
        return await this.#moveTag(step.which, step.at)
      case 'deleteTag':
        return await this.#deleteTag(step.which)
      case 'pass':
        return void (await this.pass(step.writer, { force: step.force }))
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
      default:
        return await this.#act(step)
    }
  }

  /** Until there is nothing to do any more; gives the reports, the oldest first. */
  async settle(): Promise<PassReport[]> {
    const reports: PassReport[] = []
    this.#registry.clock.now += LATER
    while (reports.at(-1)?.result !== 'unchanged' && reports.length < 5)
      reports.push(await this.pass('first'))
    return reports
  }

  async pass(
    writer: Writer,
    options: { readonly force?: boolean } = {},
    surroundings = this.#writers[writer],
  ): Promise<PassReport> {
    const { clock } = this.#registry
    this.#busy.add(writer)
    const report = await runPass({
      ...surroundings,
      ...options,
      source: this.source(),
      holder: writer,
      repository: 'memory',
      now: () => clock.now,
      random: () => 0.5,
      pause: async (ms) => {
        clock.now += ms
      },
    })
    this.#busy.delete(writer)
    this.#note(`${report.kind} pass: ${report.result}`)
    for (const [what, count] of Object.entries(report.counts)) if (count > 0) this.#note(what)
    for (const { kind } of report.findings) this.#note(kind)
    await this.#line.afterPasses()
    if (report.kind !== 'none' && report.result === 'synced') this.#checkOrder(writer)
    return report
  }

  source() {
    return sourceConfig({ name: SOURCE, repository: 'memory', ...this.setting })
  }

  /** A registry of its own that begins with the repository as it is now. */
  rebuild(): World {
    return new World(this.history, this.setting)
  }

  close(): void {
    this.#registry.close()
  }

  async #disturbedPass(step: Extract<Step, { do: 'disturbedPass' }>): Promise<void> {
    // Who runs a pass already does nothing else; a pass within it is the other writer's.
    const writer = this.#free(step.writer)
    let wentOn = false
    const { what, after } = step.trouble
    const goOn = async () => {
      wentOn = true
      for (const one of step.meanwhile) {
        if (one.do === 'pass') await this.pass(this.#free(one.writer), { force: one.force })
        else await this.run(one)
      }
    }
    for (const one of step.before) await this.run(one)
    const strike = (call: string) => this.#note(`${what} ${after ? 'after' : 'before'} ${call}`)
    await this.pass(writer, {}, withTrouble(this.#writers[writer], step.trouble, strike, goOn))
    if (!wentOn) await goOn()
  }

  #newWriter(name: Writer): Surroundings {
    const git = this.history.repository.newSource()
    const listRefs: Surroundings['git']['listRefs'] = (signal) => {
      this.#seen[name] = this.history.moves
      return git.listRefs(signal)
    }
    return { api: this.api, git: { ...git, listRefs } }
  }

  /** Who saw the refs earlier than another, who settled them, sets nothing back. */
  #checkOrder(writer: Writer): void {
    expect(this.#seen[writer], 'the refs that are settled').toBeGreaterThanOrEqual(this.#settled)
    this.#settled = this.#seen[writer]
  }

  #note(end: string): void {
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1)
  }

  #free(writer: Writer): Writer {
    if (!this.#busy.has(writer)) return writer
    return writer === 'first' ? 'second' : 'first'
  }

  async #ship({ id, text, of }: Extract<Step, { do: 'ship' }>): Promise<void> {
    await this.history.commit({ [`prompts/${id}.txt`]: text }, null)
    const meaning = this.history.meaningOf(of === null ? null : id, 'next', false)
    await this.history.setTag(meaning, { of: 'branch', back: 0 }, false)
  }

  async #rename(from: string, to: string): Promise<void> {
    const text = this.history.branch.files.get(from)
    if (text !== undefined && from !== to) await this.history.commit({ [from]: null, [to]: text }, null)
  }

  async #tag({ of, release, slash, at, annotated }: Extract<Step, { do: 'tag' }>): Promise<void> {
    const meaning = this.history.meaningOf(of, release, slash)
    if (!this.history.tags.has(meaning.name)) await this.history.setTag(meaning, at, annotated)
  }

  async #moveTag(which: number, at: Place): Promise<void> {
    const tag = [...this.history.tags.values()].at(-1 - which)
    if (tag !== undefined) await this.history.setTag(tag, at, false)
  }

  async #deleteTag(which: number): Promise<void> {
    const tag = [...this.history.tags.keys()].at(-1 - which)
    if (tag !== undefined) await this.history.deleteTag(tag)
  }

  async #act(step: Extract<Step, { do: 'rollback' | 'hold' | 'unhold' | 'revoke' }>): Promise<void> {
    await this.#line.afterPasses()
    const code = await outcome(this.#ask(step))
    if (code === 'done') this.touched.add(step.id)
    this.#note(`${step.do}: ${code}`)
    await this.#line.afterPerson()
  }

  async #ask(step: Extract<Step, { do: 'rollback' | 'hold' | 'unhold' | 'revoke' }>): Promise<unknown> {
    const { admin } = this.#registry
    if (step.do === 'rollback') return await admin.rollback(step.id, { hold: step.hold })
    if (step.do !== 'revoke') return await admin[step.do](step.id, {})
    const { versions } = await admin.versions(step.id)
    const version = versions[step.which % versions.length]
    return version && (await admin.revoke(step.id, { version: version.version }))
  }
}
