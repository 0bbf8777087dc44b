import type {
  EventDocument,
  FoundVersion,
  LedgerEntry,
  RegistryApi,
} from '../../api/contract/registry-api.ts'
import { compareReleases, parseRelease, type Release } from '../../api/contract/release.ts'

/** Bounds the calls for one page: a ledger of 5,000 tags, and releases of 500 prompts. */
const MOST_LEDGER_PAGES = 5
const MOST_LOOKUPS = 5
const LOOKUP = 100
const NEWEST_TAGS = 20

/** The release that a tag names by its last part, such as `1.3.0` of `support/v1.3.0`. */
export function releaseOfTag(tag: string): Release | undefined {
  const [, text = ''] = /(?:^|[^0-9A-Za-z.+-])?v?(\d+(?:\.\d+){1,2}(?:[-+][0-9A-Za-z.+-]*)?)$/.exec(tag) ?? []
  return parseRelease(/^\d+\.\d+$/.test(text) ? `${text}.0` : text)
}

/** The tags of a source with the highest releases, highest first. */
export async function newestTags(api: RegistryApi, source: string): Promise<LedgerEntry[]> {
  return byRelease(await ledgerOf(api, source)).slice(0, NEWEST_TAGS)
}

async function ledgerOf(api: RegistryApi, source: string): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = []
  let cursor: string | undefined
  for (let page = 0; page < MOST_LEDGER_PAGES; page++) {
    const answer = await api.ledger(source, { limit: 1000, ...(cursor !== undefined && { cursor }) })
    entries.push(...answer.ledger)
    if (answer.next_cursor === null) break
    cursor = answer.next_cursor
  }
  return entries
}

function byRelease(entries: readonly LedgerEntry[]): LedgerEntry[] {
  const order = (a: LedgerEntry, b: LedgerEntry) => {
    const [left, right] = [releaseOfTag(a.tag), releaseOfTag(b.tag)]
    if (left === undefined || right === undefined)
      return Number(left === undefined) - Number(right === undefined)
    return compareReleases(right, left)
  }
  return entries.toSorted(order)
}

/** The effect of a release on one prompt. */
export interface ReleasedPrompt {
  readonly id: string
  readonly change: 'new' | 'changed' | 'unchanged'
  readonly version: FoundVersion
  /** The version of the release before; `null` if that release did not have the prompt. */
  readonly before: FoundVersion | null
}

export interface ReleaseView {
  readonly entry: LedgerEntry
  readonly release: Release
  /** The next lower release of the source. */
  readonly previous: Release | null
  readonly prompts: readonly ReleasedPrompt[]
  /** How many prompts of the source were not looked at. */
  readonly skipped: number
  /** The event of a prompt with this tag, which has the tagger and the signer. */
  readonly event: EventDocument | null
}

/** `undefined` if the ledger has no such tag, or if the tag names no release. `ids`: the prompts of the source. */
export async function releaseView(
  api: RegistryApi,
  source: string,
  tag: string,
  ids: readonly string[],
): Promise<ReleaseView | undefined> {
  const ledger = byRelease(await ledgerOf(api, source))
  const entry = ledger.find((one) => one.tag === tag)
  const release = releaseOfTag(tag)
  if (entry === undefined || release === undefined) return undefined
  const lower = ledger
    .flatMap((one) => releaseOfTag(one.tag) ?? [])
    .filter((one) => compareReleases(one, release) < 0)
  const previous = lower[0] ?? null
  const asked = ids.slice(0, LOOKUP * MOST_LOOKUPS)
  const prompts = await releasedPrompts(api, asked, release, previous)
  const first = prompts.find(({ change }) => change !== 'unchanged') ?? prompts[0]
  const event = first === undefined ? null : await tagEvent(api, first.id, tag)
  return { entry, release, previous, prompts, skipped: ids.length - asked.length, event }
}

async function releasedPrompts(
  api: RegistryApi,
  ids: readonly string[],
  release: Release,
  previous: Release | null,
): Promise<ReleasedPrompt[]> {
  const names = [release, ...(previous === null ? [] : [previous])]
  const found: ReleasedPrompt[] = []
  for (let at = 0; at < ids.length; at += LOOKUP) {
    const request = ids.slice(at, at + LOOKUP).map((prompt_id) => ({ prompt_id, names }))
    const { prompts } = await api.lookup({ prompts: request })
    for (const { prompt_id: id, names: versions } of prompts) {
      const version = versions[release]
      if (version === undefined) continue
      const before = (previous === null ? undefined : versions[previous]) ?? null
      const isSame = before?.identity === version.identity
      found.push({ id, version, before, change: before === null ? 'new' : isSame ? 'unchanged' : 'changed' })
    }
  }
  return found
}

async function tagEvent(api: RegistryApi, id: string, tag: string): Promise<EventDocument | null> {
  const { events } = await api.events(id, { limit: 1000 })
  return events.find(({ details }) => details?.tag === tag) ?? null
}
