import { expect } from 'vitest'
import type { CurrentSet, RegistryApi } from '../../../api/contract/registry-api.ts'
import { runPass } from '../../../controller/pass/run-pass.ts'
import type { GitSource } from '../../../controller/source/git-source.ts'
import type { PassReport } from '../../../controller/state/pass-report.ts'
import { interrupted } from './gate.ts'
import { Model, type Texts } from './model.ts'
import { act, type Scene } from './people.ts'
import { createRandom, type Random } from './random.ts'
import { Readers } from './readers.ts'
import { registryOn, type Stores } from './stores.ts'
import { TakingTurns } from './taking-turns.ts'
import { Team } from './team.ts'

export interface SetsSetting {
  readonly seed: number
  readonly releases: number
  readonly prompts: number
  /** How often readers read, for each call to a store. */
  readonly reading: number
  /** How many releases of each prompt a pass that compares everything reads. The default is that of the product. */
  readonly backfill?: number
  /** Called after each release with the number of releases so far. */
  readonly onRelease?: (releases: number) => void
}

/** Calls to the stores until a process dies. */
interface Life {
  left: number
}

interface PassSetting {
  readonly dies: boolean
  /** With another pass at the same time. */
  readonly turns?: TakingTurns
}

/** Longer than any lease or retry, in milliseconds. */
const LATER = 600_000
/** Passes until nothing changes; three of them may be needed for a promotion that fails. */
const MOST_PASSES = 8
/** How likely somebody acts between two calls after a source was rolled back. */
const FOLLOWING_ACTS = 0.05
/** Events in the message of a failure. */
const MOST_EVENTS = 40
const MOST_MOVES = 10
/** The second team has fewer prompts. */
const FEW = 3

/** Two teams, a registry, two controllers that are killed now and then, people who act, and readers all the time. */
export class SetsWorld {
  readonly model = new Model()
  /** How often each event happened. */
  readonly ends = new Map<string, number>()
  readonly #random: Random
  readonly #open: () => Stores
  readonly #clock = { now: Date.parse('2026-01-31T12:00:00.000Z') }
  readonly #setting: SetsSetting
  readonly #teams: readonly Team[]
  readonly #scene: Scene
  #isInside = false
  /** The last act or read between two calls. Never rejects. */
  #interruption: Promise<void> = Promise.resolve()
  #fault: unknown
  #last: readonly string[] = []
  /** Nobody acts. */
  #isQuiet = false
  /** The last act rolled a source back. */
  #isFollowing = false

  /** `open`: the stores as a separate process has them. */
  constructor(open: () => Stores, setting: SetsSetting) {
    this.#open = open
    this.#setting = setting
    this.#random = createRandom(setting.seed)
    const { prompts, backfill } = setting
    this.#teams = [
      new Team('a', prompts, { prune: this.#random.chance(0.5), backfill }),
      new Team('b', FEW, { prune: false, backfill }),
    ]
    const api = registryOn(open(), this.#clock).as({ actor: 'ada', access: 'admin', sources: 'any' })
    const readers = this.#teams.map((team) => {
      const reader = registryOn(open(), this.#clock).as({ actor: 'agent', access: 'read', sources: [] })
      return [team.name, new Readers(reader, team.name, this.model, this.#random)] as const
    })
    this.#scene = {
      ...{ api, model: this.model, random: this.#random },
      ...{ owners: new Map(), readers: new Map(readers) },
    }
  }

  /** A failure has the last events in its message. */
  async run(): Promise<void> {
    try {
      await this.#live()
    } catch (error) {
      if (error instanceof Error)
        error.message += `\nSeed ${this.#setting.seed}. The last events: ${this.#last.join('; ')}`
      throw error
    }
  }

  async #live(): Promise<void> {
    for (let release = 0; release < this.#setting.releases; release++) {
      for (const [index, team] of this.#teams.entries())
        if (index === 0 || this.#random.chance(0.3)) await this.#release(team)
      await this.#settle()
      this.#setting.onRelease?.(release + 1)
    }
  }

  async #release(team: Team): Promise<void> {
    await team.release(this.#random, this.model)
    for (const id of team.ids) if (!this.#scene.owners.has(id)) this.#scene.owners.set(id, team.name)
    // One of three controllers dies in the middle, perhaps again and again.
    while (this.#random.chance(0.35)) await this.#pass(team, { dies: true })
    if (this.#random.chance(0.3)) await this.#passTwice(team)
    if (this.#random.chance(0.3)) await this.#act()
  }

  /** Passes until nothing changes: first with people who act meanwhile, then without. */
  async #settle(): Promise<void> {
    const teams = this.#teams.filter((team) => team.hasReleases)
    for (const team of teams) await this.#pass(team, { dies: false })
    this.#isQuiet = true
    for (const team of teams) {
      const reports: PassReport[] = []
      while (reports.at(-1)?.result !== 'unchanged' && reports.length < MOST_PASSES)
        reports.push(await this.#pass(team, { dies: false }))
      const told = [team.name, ...reports.map(({ result, message }) => `${result} ${message}`)].join('; ')
      expect(reports.at(-1)?.result, told).toBe('unchanged')
    }
    for (const { name } of teams) await this.#expectSettled(name)
    this.#isQuiet = false
  }

  /** Two controllers at once. The lease may expire while its holder waits, and the holder goes on afterwards. */
  async #passTwice(team: Team): Promise<void> {
    const turns = new TakingTurns(this.#random, () => {
      this.#note('interleaved')
      if (this.#random.chance(0.3)) this.#clock.now += LATER
    })
    const pass = () => this.#pass(team, { dies: false, turns })
    await turns.run(pass, pass)
  }

  async #pass({ source, repository }: Team, { dies, turns }: PassSetting): Promise<PassReport> {
    if (turns === undefined) this.#clock.now += LATER
    const life: Life = {
      left: dies ? 1 + this.#random.int(12 * this.#setting.prompts) : Number.POSITIVE_INFINITY,
    }
    const report = await runPass({
      ...this.#newProcess(repository.newSource(), life, turns),
      source,
      holder: this.#random.one(['first', 'second']),
      repository: source.name,
      now: () => this.#clock.now,
      random: () => 0.5,
      pause: async (ms) => {
        this.#clock.now += ms
      },
    })
    // A pass that fails does not wait for its other calls, one of which may be interrupted at this moment.
    await this.#interruption
    if (this.#fault !== undefined) throw this.#fault
    if (life.left <= 0) this.#note('killed')
    life.left = 0
    const isDone = report.result === 'synced' || report.result === 'unchanged'
    // Another pass may be at work.
    if (isDone && turns === undefined) await this.#expectInPlace(source.name)
    this.#note(`${report.kind} pass: ${report.result}`, source.name)
    for (const { code } of report.findings) this.#count(code)
    return report
  }

  /** A controller and its registry. Others act between any two of their calls to the stores. */
  #newProcess(
    git: GitSource,
    life: Life,
    turns: TakingTurns | undefined,
  ): { readonly api: RegistryApi; readonly git: GitSource } {
    const registry = registryOn(
      interrupted(this.#open(), async () => {
        await this.#between(life)
        await turns?.giveWay(1 / this.#setting.prompts)
      }),
      this.#clock,
    )
    return { api: registry.as({ actor: 'controller', access: 'write', sources: 'any' }), git }
  }

  async #between(life: Life): Promise<void> {
    if (--life.left <= 0) throw new Error('the process is gone')
    if (this.#isInside) return
    this.#interruption = this.#interrupt()
    await this.#interruption
  }

  async #interrupt(): Promise<void> {
    this.#isInside = true
    try {
      if (!this.#isQuiet && this.#random.chance(this.#actingChance())) await this.#act()
      if (this.#random.chance(this.#setting.reading)) await this.#read()
    } catch (error) {
      // A pass would report it as its own failure.
      this.#fault ??= await this.#described(error)
    } finally {
      this.#isInside = false
    }
  }

  /** Prompts that follow a rollback of their source do so in few calls, between which people must act too. */
  #actingChance(): number {
    return this.#isFollowing ? FOLLOWING_ACTS : 1 / (10 * this.#setting.prompts)
  }

  async #act(): Promise<void> {
    const { name, what } = await act(this.#scene)
    this.#isFollowing = name === 'rollbackSource'
    this.#note(name, what)
    await this.#read()
  }

  async #read(): Promise<void> {
    for (const team of this.#teams) {
      const ids = [...this.#scene.owners].filter(([, owner]) => owner === team.name).map(([id]) => id)
      if (ids.length > 0) await this.#readersOf(team.name).read(ids)
    }
  }

  /** The set is what the prompts serve, unless they still have to follow a rollback of their source. */
  async #expectInPlace(name: string): Promise<CurrentSet | null> {
    const readers = this.#readersOf(name)
    const current = await readers.currentSet()
    if (current === null || current.settling) return current
    const served = stableIn(await readers.served())
    expect(sorted(await readers.textsOf(current.set)), `the set of ${name} is what it serves`).toEqual(
      sorted(served),
    )
    return current
  }

  async #expectSettled(name: string): Promise<void> {
    const current = await this.#expectInPlace(name)
    if (current === null) return
    expect(current.settling, `${name} settles`).toBe(false)
    const readers = this.#readersOf(name)
    const served = await readers.served()
    this.model.expectFrozen(served)
    this.model.settled(name, current.release, stableIn(served), await readers.held())
    this.#note('settled')
  }

  #readersOf(name: string): Readers {
    const readers = this.#scene.readers.get(name)
    if (readers === undefined) throw new Error(`nobody reads ${name}`)
    return readers
  }

  /** The error with what led to it: the pass goes on before it ends with this error. */
  async #described(error: unknown): Promise<unknown> {
    if (!(error instanceof Error)) return error
    const { api, readers } = this.#scene
    for (const source of readers.keys()) {
      const { moves } = await api.setMoves(source, { limit: MOST_MOVES })
      const told = moves.map(
        ({ act, release, set, actor }) => `${act} ${release} ${set?.slice(0, 12)} ${actor}`,
      )
      error.message += `\nThe sets of ${source}, newest first: ${told.join('; ')}`
    }
    error.message += `\nThe events before it: ${this.#last.join('; ')}`
    return error
  }

  #count(end: string): void {
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1)
  }

  #note(end: string, what = ''): void {
    this.#count(end)
    this.#last = [...this.#last, `${end} ${what}`.trim()].slice(-MOST_EVENTS)
  }
}

function stableIn(served: ReadonlyMap<string, string | null>): Texts {
  return new Map(
    [...served].flatMap(([id, label]): [string, string][] => (label === null ? [] : [[id, label]])),
  )
}

function sorted(texts: Texts): [string, string][] {
  return [...texts].sort(([a], [b]) => (a < b ? -1 : 1))
}
