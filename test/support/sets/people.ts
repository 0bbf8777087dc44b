import { RegistryError } from '../../../api/contract/errors.ts'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import type { Model } from './model.ts'
import type { Random } from './random.ts'
import type { Readers } from './readers.ts'

/** Where people act: the prompts by owner, and the readers of each source. */
export interface Scene {
  readonly api: RegistryApi
  readonly model: Model
  readonly random: Random
  readonly owners: Map<string, string>
  readonly readers: ReadonlyMap<string, Readers>
}

/** An act that the registry refuses changes nothing. */
const REFUSALS = ['nothing_to_roll_back_to', 'no_set', 'not_found', 'revoked', 'not_released', 'forbidden']

/** A person changes a prompt, or rolls a source back. Returns the act; `refused` if the registry refused it. */
export async function act(scene: Scene): Promise<string> {
  const { random, owners } = scene
  if (owners.size === 0) return 'refused'
  const id = random.one([...owners.keys()])
  const acts = {
    rollback: () => rollBack(scene, id),
    revoke: () => revoke(scene, id),
    hold: () => hold(scene, id),
    unhold: () => unhold(scene, id),
    transfer: () => transfer(scene, id),
    rollbackSource: () => rollBackSource(scene),
  }
  const name = random.one([
    ...(['rollback', 'rollback', 'revoke', 'hold', 'unhold', 'unhold'] as const),
    ...(['transfer', 'rollbackSource', 'rollbackSource'] as const),
  ])
  try {
    await acts[name]()
    return name
  } catch (error) {
    if (error instanceof RegistryError && REFUSALS.includes(error.code)) return 'refused'
    throw error
  }
}

async function rollBack({ api, model }: Scene, id: string): Promise<void> {
  const { changed, previous, version } = await api.rollback(id, {})
  if (!changed) return
  model.rolledBack(id, previous, version)
  model.refrozen(id, version)
}

async function revoke({ api, model, random }: Scene, id: string): Promise<void> {
  const { versions } = await api.versions(id, { limit: 5 })
  if (versions.length === 0) return
  const { version } = random.one(versions)
  const { revoked, stable } = await api.revoke(id, { version })
  model.revoked(id, revoked)
  model.refrozen(id, stable)
}

async function hold({ api, model, owners, readers }: Scene, id: string): Promise<void> {
  await api.hold(id, {})
  const served = await readers.get(owners.get(id) ?? '')?.served()
  model.frozen(id, served?.get(id) ?? null)
}

async function unhold({ api, model }: Scene, id: string): Promise<void> {
  await api.unhold(id, {})
  model.unheld(id)
}

async function transfer({ api, model, owners, readers }: Scene, id: string): Promise<void> {
  const from = owners.get(id)
  const to = [...readers.keys()].find((source) => source !== from)
  if (to === undefined) return
  await api.transfer(id, { source: to, create: true })
  owners.set(id, to)
  model.touch(id)
}

async function rollBackSource({ api, model, random, readers }: Scene): Promise<void> {
  const [source, reader] = random.one([...readers])
  const before = await reader.currentSet()
  if (before === null) return
  const { moves } = await api.setMoves(source, { limit: 10 })
  const stored = moves.filter((move) => move.stored)
  const named = stored.length === 0 ? before : random.one(stored)
  const name = (random.chance(0.5) ? named.set : named.release) ?? undefined
  const to = random.chance(0.6) ? undefined : name
  const from = await reader.textsOf(before.set)
  const { set, target } = await api.rollbackSource(source, to === undefined ? {} : { to })
  model.sourceRolledBack(source, from, await reader.textsOf(set), target)
}
