import { expect } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { runPass } from '../../../controller/pass/run-pass.ts'
import type { GitSource } from '../../../controller/source/git-source.ts'
import type { PassReport } from '../../../controller/state/pass-report.ts'
import { interrupted } from './gate.ts'
import { Model, type Texts } from './model.ts'
import { act, type Scene } from './people.ts'
import { createRandom, type Random } from './random.ts'
import { Readers } from './readers.ts'
import { registryOn, type Stores } from './stores.ts'
import { Team } from './team.ts'

export interface SetsSetting {
  readonly seed: number
  readonly releases: number
  readonly prompts: number
  /** How often readers read, for each call to a store. */
  readonly reading: number
}

/** Longer than any lease or retry, in milliseconds. */
const LATER = 600_000
/** Passes until nothing changes; three of them may be needed for a promotion that fails. */
const MOST_PASSES = 8
/** The second team has fewer prompts. */
const FEW = 3

/** Two teams, a registry, two controllers that are killed now and then, people who act, and readers all the time. */
export class SetsWorld {
  readonly model = new Model()
  /** How often each event happened. */
  readonly ends = new Map<string, number>()
  readonly #random: Random
  readonly #stores: Stores
  readonly #clock = { now: Date.parse('2026-01-31T12:00:00.000Z') }
  readonly #setting: SetsSetting
  readonly #teams: readonly Team[]
  readonly #scene: Scene
  /** Calls until the running controller dies; `null` if it lives on. */
  #lifetime: number | null = null
  #isInside = false

  constructor(stores: Stores, setting: SetsSetting) {
    this.#stores = stores
    this.#setting = setting
    this.#random = createRandom(setting.seed)
    this.#teams = [new Team('a', setting.prompts), new Team('b', FEW)]
    const api = registryOn(stores, this.#clock).as({ actor: 'ada', access: 'admin', sources: 'any' })
    const readers = this.#teams.map((team) => {
      const reader = registryOn(stores, this.#clock).as({ actor: 'agent', access: 'read', sources: [] })
      return [team.name, new Readers(reader, team.name, this.model, this.#random)] as const
    })
    this.#scene = {
      ...{ api, model: this.model, random: this.#random },
      ...{ owners: new Map(), readers: new Map(readers) },
    }
  }

  async run(): Promise<void> {
    for (let release = 0; release < this.#setting.releases; release++) {
      for (const [index, team] of this.#teams.entries())
        if (index === 0 || this.#random.chance(0.3)) await this.#release(team)
      await this.#settle()
    }
  }

  async #release(team: Team): Promise<void> {
    await team.release(this.#random, this.model)
    for (const id of team.ids) if (!this.#scene.owners.has(id)) this.#scene.owners.set(id, team.name)
    // One of three controllers dies in the middle, perhaps again and again.
    while (this.#random.chance(0.35)) await this.#pass(team, { dies: true })
    if (this.#random.chance(0.3)) await this.#act()
  }

  /** Passes of both controllers until nothing changes; then each set is what its prompts serve. */
  async #settle(): Promise<void> {
    for (const team of this.#teams) {
      const reports: PassReport[] = []
      while (reports.at(-1)?.result !== 'unchanged' && reports.length < MOST_PASSES)
        reports.push(await this.#pass(team, { dies: false }))
      const told = reports.map(({ result, message }) => `${result} ${message}`).join('; ')
      expect(reports.at(-1)?.result, told).toBe('unchanged')
    }
    for (const team of this.#teams) await this.#expectSettled(team)
  }

  async #pass({ source, repository }: Team, { dies }: { readonly dies: boolean }): Promise<PassReport> {
    this.#clock.now += LATER
    const process = this.#newProcess(repository.newSource())
    this.#lifetime = dies ? 1 + this.#random.int(12 * this.#setting.prompts) : null
    const report = await runPass({
      ...process,
      source,
      holder: this.#random.one(['first', 'second']),
      repository: source.name,
      now: () => this.#clock.now,
      random: () => 0.5,
      pause: async (ms) => {
        this.#clock.now += ms
      },
    })
    if (this.#lifetime === 0) this.#note('killed')
    this.#lifetime = null
    this.#note(`${report.kind} pass: ${report.result}`)
    for (const { code } of report.findings) this.#note(code)
    return report
  }

  /** A controller and its registry. Others act between any two of their calls to the stores. */
  #newProcess(git: GitSource): { readonly api: RegistryApi; readonly git: GitSource } {
    const registry = registryOn(
      interrupted(this.#stores, () => this.#between()),
      this.#clock,
    )
    return { api: registry.as({ actor: 'controller', access: 'write', sources: 'any' }), git }
  }

  async #between(): Promise<void> {
    if (this.#isInside) return
    if (this.#lifetime !== null && (this.#lifetime === 0 || --this.#lifetime === 0))
      throw new Error('the process is gone')
    this.#isInside = true
    try {
      if (this.#random.chance(1 / (10 * this.#setting.prompts))) await this.#act()
      if (this.#random.chance(this.#setting.reading)) await this.#read()
    } finally {
      this.#isInside = false
    }
  }

  async #act(): Promise<void> {
    this.#note(await act(this.#scene))
    await this.#read()
  }

  async #read(): Promise<void> {
    for (const team of this.#teams) {
      const readers = this.#scene.readers.get(team.name)
      const ids = [...this.#scene.owners].filter(([, owner]) => owner === team.name).map(([id]) => id)
      if (ids.length > 0) await readers?.read(ids)
    }
  }

  async #expectSettled({ name }: Team): Promise<void> {
    const readers = this.#scene.readers.get(name)
    const current = await readers?.currentSet()
    if (readers === undefined || current == null) return
    const served = await readers.served()
    this.model.expectFrozen(served)
    const stable = new Map(
      [...served].flatMap(([id, label]): [string, string][] => (label ? [[id, label]] : [])),
    )
    expect(current.settling, `${name} is settled`).toBe(false)
    expect(sorted(await readers.textsOf(current.set)), `the set of ${name} is what it serves`).toEqual(
      sorted(stable),
    )
    this.model.settled(name, current.release, stable)
    this.#note('settled')
  }

  #note(end: string): void {
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1)
  }
}

function sorted(texts: Texts): [string, string][] {
  return [...texts].sort(([a], [b]) => (a < b ? -1 : 1))
}
