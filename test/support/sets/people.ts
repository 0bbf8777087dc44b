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

export interface Act {
  readonly name: string
  /** For people who look for a fault. */
  readonly what: string
}

/** An act that the registry refuses changes nothing. */
const REFUSED: Act = { name: 'declined', what: '' }
const REFUSALS = [
  'nothing_to_roll_back_to',
  'no_set',
  'not_found',
  'revoked',
  'not_released',
  'forbidden',
  'settling',
]

/** A person changes a prompt, or rolls a source back. Returns what happened. */
export async function act(scene: Scene): Promise<Act> {
  const { random, owners } = scene
  if (owners.size === 0) return REFUSED
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
    const what = await acts[name]()
    return { name, what }
  } catch (error) {
    if (error instanceof RegistryError && REFUSALS.includes(error.code)) return REFUSED
    throw error
  }
}

async function rollBack(scene: Scene, id: string): Promise<string> {
  const { api, model } = scene
  const { changed, previous, version } = await api.rollback(id, {})
  if (!changed) return id
  model.rolledBack(id, previous, version)
  model.refrozen(id, await lastingText(scene, id))
  return `${id} from ${previous} to ${version}`
}

async function revoke(scene: Scene, id: string): Promise<string> {
  const { api, model, random } = scene
  const { versions } = await api.versions(id, { limit: 5 })
  if (versions.length === 0) return id
  const { version } = random.one(versions)
  const { revoked, stable } = await api.revoke(id, { version })
  model.revoked(id, revoked)
  const others = versions.filter(({ status }) => status === 'deprecated').map((one) => one.version)
  model.fellBack(id, stable, others)
  model.refrozen(id, await lastingText(scene, id))
  return `${id}@${revoked.join(', ')}, now ${stable}`
}

async function hold(scene: Scene, id: string): Promise<string> {
  const { api, model } = scene
  await api.hold(id, {})
  const label = await lastingText(scene, id)
  model.frozen(id, label)
  return `${id} at ${label}`
}

/** What the prompt serves; if it still has to follow a rollback of its source, what its set has. */
async function lastingText({ owners, readers }: Scene, id: string): Promise<string | null> {
  const reader = readers.get(owners.get(id) ?? '')
  const current = await reader?.currentSet()
  const texts = current?.settling === true ? await reader?.textsOf(current.set) : await reader?.served()
  return texts?.get(id) ?? null
}

async function unhold({ api, model }: Scene, id: string): Promise<string> {
  await api.unhold(id, {})
  model.unheld(id)
  return id
}

async function transfer({ api, model, owners, readers }: Scene, id: string): Promise<string> {
  const from = owners.get(id)
  const to = [...readers.keys()].find((source) => source !== from)
  if (to === undefined) return id
  await api.transfer(id, { source: to, create: true })
  owners.set(id, to)
  model.received(id)
  return `${id} to ${to}`
}

async function rollBackSource({ api, model, random, owners, readers }: Scene): Promise<string> {
  const [source, reader] = random.one([...readers])
  const before = await reader.currentSet()
  if (before === null) return source
  const { moves } = await api.setMoves(source, { limit: 10 })
  const stored = moves.filter((move) => move.stored)
  const named = stored.length === 0 ? before : random.one(stored)
  const name = (random.chance(0.5) ? named.set : named.release) ?? undefined
  const to = random.chance(0.6) ? undefined : name
  const from = await reader.textsOf(before.set)
  const served = await reader.served()
  const owned = new Set([...owners].flatMap(([id, owner]) => (owner === source ? [id] : [])))
  const { set, target, release } = await api.rollbackSource(source, to === undefined ? {} : { to })
  const earlier = { set: target, release, texts: await reader.textsOf(target) }
  const rollback = { source, release: before.release, served, target: earlier, owned }
  model.sourceRolledBack(from, await reader.textsOf(set), rollback)
  return `${source} from ${before.release} to ${to}: ${release} ${set.slice(0, 12)}`
}
