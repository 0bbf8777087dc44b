import { join } from 'node:path'
import { expect } from 'vitest'
import { RegistryError } from '../../api/contract/errors.ts'
import type { EventDocument, RegistryApi, VersionRow } from '../../api/contract/registry-api.ts'
import { allPages } from '../../client/pages.ts'
import { changesOf as changesIn } from '../../controller/plan/plan.ts'
import type { PassReport } from '../../controller/state/pass-report.ts'
import { makeController, type TestController } from './controller.ts'
import { createRepository, type TestRepository } from './git-repository.ts'
import { scratchFolder } from './scratch.ts'

/** A domain team's repository, and a controller that syncs it into a registry. */
export interface Journey {
  readonly folder: string
  readonly repository: TestRepository
  readonly controller: TestController
  /** The controller's clock, in milliseconds. It moves only when a test sets it. */
  readonly clock: { now: number }
  /** Another controller on the same folder, for example with another configuration or cache. */
  another(options: {
    readonly source?: Readonly<Record<string, unknown>>
    readonly repository?: string
    readonly cache?: string
    readonly folder?: string
  }): TestController
}

export async function startJourney(source: Readonly<Record<string, unknown>> = {}): Promise<Journey> {
  const folder = await scratchFolder()
  const repository = await createRepository(join(folder, 'upstream'))
  const clock = { now: Date.parse('2026-03-01T12:00:00Z') }
  const another: Journey['another'] = (options) =>
    makeController({ folder, repository: repository.path, now: () => clock.now, ...options })
  return { folder, repository, clock, another, controller: another({ source }) }
}

/** A journey whose repository released these files as v1.0.0, and whose controller synced. */
export async function startReleased(
  files: Parameters<TestRepository['commit']>[0],
  source: Readonly<Record<string, unknown>> = {},
): Promise<Journey> {
  const journey = await startJourney(source)
  await journey.repository.commit(files)
  await journey.repository.tag('v1.0.0')
  await journey.controller.sync()
  return journey
}

/** The content that an agent in this mode gets, or the error code. */
export async function served(
  { api }: { readonly api: RegistryApi },
  reference: string,
  mode = 'production',
): Promise<string> {
  try {
    return (await api.resolve(reference, { mode })).content
  } catch (error) {
    if (error instanceof RegistryError) return error.code
    throw error
  }
}

export async function versionsOf({ api }: { readonly api: RegistryApi }, id: string): Promise<VersionRow[]> {
  return await Array.fromAsync(
    allPages(
      (page) => api.versions(id, page),
      (answer) => answer.versions,
    ),
  )
}

/** Oldest first. */
export async function eventsOf({ api }: { readonly api: RegistryApi }, id: string): Promise<EventDocument[]> {
  const events = await Array.fromAsync(
    allPages(
      (page) => api.events(id, page),
      (answer) => answer.events,
    ),
  )
  return events.reverse()
}

export async function eventTypes(controller: { readonly api: RegistryApi }, id: string): Promise<string[]> {
  return (await eventsOf(controller, id)).map(({ type }) => type)
}

export function findingsOf(report: PassReport): string[] {
  return report.findings.map(({ code, subject }) => `${code} ${subject.name}`.trim()).sort()
}

/** Reasons of quarantined files, by path. */
export function quarantined({ findings }: PassReport): Record<string, string> {
  const files = findings.filter(({ code }) => code === 'quarantined')
  return Object.fromEntries(files.map(({ subject, message }) => [subject.name, message]))
}

/**
 * Everything in a registry about its prompts except times and event ids: equal for two registries that got the
 * same history in different ways.
 */
export async function worldOf(controller: Pick<TestController, 'api' | 'rows'>): Promise<unknown> {
  const rows = [...(await controller.rows()).values()]
  return await Promise.all(
    rows.map(async (row) => ({
      id: row.prompt_id,
      stable: row.stable,
      latest: row.latest,
      highest: row.highest_release,
      owner: row.source,
      hold: row.hold?.kind ?? null,
      archived: row.archived,
      moved_to: row.moved_to,
      retired: row.retired,
      description: row.description,
      versions: (await versionsOf(controller, row.prompt_id))
        .map(({ version, status, aliases, content_sha256 }) => ({
          version,
          status,
          aliases: [...aliases].sort(),
          content_sha256,
        }))
        .sort((a, b) => (a.version < b.version ? -1 : 1)),
      events: (await eventsOf(controller, row.prompt_id))
        .map(({ type, to, details }) => `${type} ${to} ${JSON.stringify(details)}`)
        .sort(),
    })),
  )
}

/** Another pass changes nothing, whether it reads only changes or compares everything. */
export async function expectSettled(controller: TestController): Promise<void> {
  const before = { rows: await controller.rows(), source: await controller.api.source('demo') }
  const opened = controller.traffic.opened
  const idle = await controller.sync()
  expect(idle.result, idle.message ?? '').toBe('unchanged')
  expect(controller.traffic.opened).toBe(opened)
  expect(changesOf(await controller.plan())).toEqual([])

  expect(changesOf(await controller.plan({ force: true }))).toEqual([])

  const full = await controller.sync({ force: true })
  expect(full.result, full.message ?? '').toBe('synced')
  const { pushed, promoted, named, failed } = full.counts
  expect({ pushed, promoted, named, failed }).toEqual({ pushed: 0, promoted: 0, named: 0, failed: 0 })
  expect(await controller.rows()).toEqual(before.rows)
  expect((await controller.api.source('demo')).ledger_length).toBe(before.source.ledger_length)
  expect(full.counts, 'what a full pass finds').toMatchObject(idle.counts)
}

/** The changes of a plan, one line each, in order. */
export function changesOf(plan: Awaited<ReturnType<TestController['plan']>>): string[] {
  return changesIn(plan).map((change) =>
    change.do === 'push'
      ? `push ${change.id} ${change.version}${change.latest ? ' latest' : ''}`
      : [
          change.do,
          change.id,
          ...('release' in change ? [change.release] : []),
          ...('version' in change ? [change.version] : []),
          ...(change.do === 'name' && change.standing === 'waits' ? ['waits'] : []),
          ...(change.do === 'archive' && change.movedTo !== null ? [`to ${change.movedTo}`] : []),
        ].join(' '),
  )
}

export class Interrupted extends Error {}

/**
 * The same registry for a process that dies at one of its requests: after `requests` calls, every call fails. With
 * `unanswered`, the last call is carried out but its response is lost.
 */
export function dyingAfter(api: RegistryApi, requests: number, { unanswered = false } = {}): RegistryApi {
  let left = requests
  return intercept(api, async (_name, call) => {
    if (left-- > 0) return await call()
    if (unanswered && left === -1) await call()
    throw new Interrupted('the process is gone')
  })
}

/** A registry whose calls all go through `handle`. */
export function intercept(
  api: RegistryApi,
  handle: (
    name: keyof RegistryApi,
    call: () => Promise<unknown>,
    args: readonly unknown[],
  ) => Promise<unknown>,
): RegistryApi {
  return new Proxy(api, {
    get(target, name) {
      const method = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) =>
        handle(
          name as keyof RegistryApi,
          async () => await (Reflect.apply(method, target, args) as Promise<unknown>),
          args,
        )
    },
  })
}
