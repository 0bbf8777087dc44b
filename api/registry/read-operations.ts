import { LIMITS } from '../contract/limits.ts'
import { effectiveMode } from '../contract/mode.ts'
import type { RegistryApi } from '../contract/registry-api.ts'
import type { Page } from '../store/prompt-store.ts'
import { chosenVersion } from './chosen-version.ts'
import { promptRow, summaryRow, versionRow } from './documents.ts'
import { findPrompt } from './find-prompt.ts'
import { folderFile } from './folder-file.ts'
import { existing } from './guards.ts'
import type { OperationContext } from './operation-context.ts'
import { resolveMany } from './resolve-many.ts'
import { resolveReference, wantsOf } from './resolve-reference.ts'
import { setsFor } from './served-sets.ts'
import { visibilityOf, visibleEvents, visibleSnapshot, withVisibleTargets } from './visibility.ts'

export type Reads = Pick<
  RegistryApi,
  | 'list'
  | 'summaries'
  | 'lookup'
  | 'resolve'
  | 'folderFile'
  | 'resolveMany'
  | 'versions'
  | 'diff'
  | 'events'
  | 'reads'
  | 'feed'
  | 'health'
>

/** The read operations of the registry. */
export function readOperations(context: OperationContext): Reads {
  const { prompts, settings } = context
  const visibility = visibilityOf(context)
  const page = (query: { limit?: number; cursor?: string | undefined } = {}) => ({
    limit: query.limit ?? LIMITS.defaultPage,
    cursor: query.cursor,
  })
  return {
    async list(query = {}) {
      const { prefix, source, status } = query
      const found = await prompts.page<'prompts'>({ of: 'prompts', ...page(query), prefix, source, status })
      const shown = visibility.hidesDrafts && status === 'draft' ? [] : found.items
      const visible = shown.flatMap((one) => visibility.listing(one) ?? [])
      return { prompts: (await withVisibleTargets(context, visible)).map(promptRow), ...restOf(found) }
    },
    async summaries(query) {
      const found = await prompts.page<'summaries'>({ of: 'summaries', ...page(query) })
      const visible = found.items.flatMap((one) => visibility.listing(one) ?? [])
      return { prompts: visible.map(summaryRow), ...restOf(found) }
    },
    async lookup(request) {
      const { lookUpPrompts } = await import('./on-demand.ts')
      return await lookUpPrompts(context, request)
    },
    async resolve(reference, query = {}) {
      const mode = effectiveMode(query.mode, settings.allowedModes)
      const wants = wantsOf(query.include?.split(','), query.front_matter === 'true')
      const prompt = await resolveReference(context, reference, mode, wants, query)
      context.read({ promptId: prompt.prompt_id, version: prompt.version })
      return prompt
    },
    async folderFile(reference, path, query = {}) {
      const mode = effectiveMode(query.mode, settings.allowedModes)
      const sets = await setsFor(context, { set: query.set, sets: false }, mode)
      return await folderFile(prompts, await chosenVersion(context, reference, mode, query, sets), path)
    },
    async resolveMany(request) {
      return await resolveMany(context, request, effectiveMode(request.mode, settings.allowedModes))
    },
    async versions(id, query) {
      const { head } = visibleSnapshot(visibility, id, await findPrompt(prompts, id))
      const found = await prompts.page<'versions'>({ of: 'versions', promptId: id, ...page(query) })
      const versions = found.items
        .filter((version) => visibility.isVisible(version, head))
        .map((version) => versionRow(version, head))
      return { prompt_id: head.promptId, versions, next_cursor: found.next }
    },
    async diff(id, query = {}) {
      const { diffVersions } = await import('./on-demand.ts')
      return await diffVersions(context, id, query)
    },
    async events(id, query) {
      // The events of a deleted prompt stay readable.
      const snapshot = await findPrompt(prompts, id)
      const shown = snapshot && visibility.listing(snapshot)
      const { head } = shown?.head.promptId === id ? shown : existing(id, shown)
      const found = await prompts.page<'events'>({ of: 'events', promptId: id, ...page(query) })
      const events = await visibleEvents(context, found.items)
      return { prompt_id: head.promptId, events, next_cursor: found.next }
    },
    async reads(id, query) {
      const { readsOfPrompt } = await import('./on-demand.ts')
      return await readsOfPrompt(context, id, query)
    },
    async feed(query) {
      const { items, next } = await prompts.page<'feed'>({ of: 'feed', ...page(query) })
      const events = await visibleEvents(context, items)
      return { events, next_cursor: next, more: items.length === page(query).limit }
    },
    async health() {
      await prompts.check()
      return { status: 'ok' }
    },
  }
}

/** The fields of a list beside its rows. */
function restOf({ next, unreadable = [], unadopted }: Page<unknown>) {
  return {
    next_cursor: next,
    ...(unreadable.length > 0 && { unreadable: [...unreadable] }),
    ...(unadopted === true && { unadopted: true }),
  }
}
