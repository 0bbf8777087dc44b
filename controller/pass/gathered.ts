import { promptIdKey } from '../../api/contract/prompt-id.ts'
import { NO_EVIDENCE } from '../evidence/evidence.ts'
import { subjectName } from '../findings/bounded-finding.ts'
import type { NewFinding } from '../findings/finding.ts'
import { keepEarlierSkills } from '../plan/earlier-skills.ts'
import {
  type DifferingRelease,
  differingTags,
  fileFinding,
  isCut,
  keepReadings,
} from '../plan/kept-readings.ts'
import { promptsOfFiles } from '../plan/mass-change.ts'
import { declaredMoves, type Moves, movesBetween } from '../plan/moves.ts'
import type {
  BranchComparison,
  Ids,
  PlanInput,
  PlannedMoves,
  PromptsInput,
  WholeInput,
  WholeRelease,
} from '../plan/plan-input.ts'
import type { SetInput } from '../plan/planned-set.ts'
import {
  directoryFindings,
  flawedFile,
  layoutFindings,
  noticedFile,
  quarantinedFile,
  releasedUnsafeFile,
  unsafeFile,
} from '../prompts/prompt-findings.ts'
import type { DesiredVersion } from '../prompts/read-files.ts'
import type { PromptTree } from '../prompts/tree.ts'
import { pendingSignatures } from '../releases/tag-findings.ts'
import { tagKey } from '../releases/verify-tags.ts'
import type { TagRef } from '../source/git-source.ts'
import type { GatherWork, ReadFiles, ReadPart, Versions } from './gather-work.ts'
import { type BrokenFile, brokenFiles, incompleteTags, unreadFiles } from './left-out.ts'
import { type IdOf, inOneSpelling, spelled } from './one-spelling.ts'
import type { OwnedRows } from './registry-reads.ts'
import type { ReleaseFiles } from './release-files.ts'
import { createScreen, type Screening } from './screen.ts'

const NO_MOVES: Moves = new Map()

/**
 * Makes the input of a plan from what was read, some prompts at a time. Collects meanwhile what only all of them show.
 * Prompts that the branch has come before all others, so that these can find where they moved.
 */
export class Gathered {
  readonly #work: GatherWork
  readonly #files: ReadFiles
  readonly #branchIds: Ids
  readonly #newest: PlanInput['newest']
  /** By key, the ids that the registry spells in another way than git. */
  readonly #spellings = new Map<string, string>()
  readonly #findings: NewFinding[] = []
  /** Paths of the branch's files that cannot become a version. */
  readonly #leftOut: string[]
  readonly #differing: DifferingRelease[] = []
  readonly #broken: BrokenFile[] = []
  #moves: (Pick<PlannedMoves, 'found'> & { readonly branchIds: ReadonlySet<string> }) | undefined

  constructor(work: GatherWork, files: ReadFiles) {
    const { tree } = work.branch
    const { newest } = files.releases
    this.#work = work
    this.#files = files
    this.#branchIds = keySet(tree.ids.values())
    this.#newest = newest && { ...newestOf(newest), ids: keySet(newest.ids) }
    this.#leftOut = tree.quarantined.map(({ path }) => path)
    this.#findings.push(...tree.quarantined.map(quarantinedFile))
  }

  /** What to plan these prompts from. */
  add(part: ReadPart): PromptsInput {
    const { source, listing, sourceHold } = this.#work
    const { kind, readings } = this.#files
    const { versions, registry, idOf } = inOneSpelling(part, source.name)
    for (const id of part.ids) if (idOf(id) !== id) this.#spellings.set(promptIdKey(id), idOf(id))
    const screen = createScreen(source, registry)
    const releases = keepEarlierSkills(versions.releases, registry)
    const { files, tags, ...kept } = keepReadings(letIn({ ...versions, releases }, screen), {
      ...{ source: source.name, registry, prereleases: source.prereleases },
    })
    this.#differing.push(...tags)
    this.#broken.push(...brokenFiles(part, readings, screen))
    this.#note([
      ...unreadFiles(part.drafts, readings),
      ...versions.drafts.flatMap((draft) =>
        screen(draft) === 'kept_out' ? unsafeFile(draft, draft.unsafe) : [],
      ),
      ...files.filter(isCut).map(fileFinding),
    ])
    this.#findings.push(
      ...files.filter((one) => !isCut(one)).map(fileFinding),
      ...versions.drafts.flatMap((draft) =>
        screen(draft) === 'released' ? releasedUnsafeFile(draft, draft.unsafe) : [],
      ),
      ...part.drafts.flatMap((file) => noticedFile(file.path, file.blob, readings.noticesOf(file))),
      ...part.drafts.flatMap((file) => flawedFile(file.path, file.blob, readings.flawsOf(file))),
    )
    const isGone = (id: string) => !this.#branchIds.has(id)
    return {
      ...{ source: source.name, commit: listing.commit, kind, sourceHold },
      ...{ branchIds: this.#branchIds, newest: this.#newest, registry },
      ...kept,
      gone: kept.gone.filter(isGone),
      moves: this.#movesOf([...kept.gone, ...kept.releases.keys()].filter(isGone)),
      // Read once a plan without it shows which releases depend on it.
      evidence: NO_EVIDENCE,
    }
  }

  /** What a plan is made from besides, after all prompts were added. */
  whole(set: SetInput): WholeInput {
    const { source, listing, branch, tags, settledTags, reported } = this.#work
    const { kind, releases, fresh, owned } = this.#files
    const isReported = ({ path }: { readonly path: string }) => reported.has(subjectName(path))
    return {
      source: source.name,
      branch: listing.branch,
      commit: listing.commit,
      kind,
      layout: { from: branch.layout.from },
      owned: owned?.rows.size ?? 0,
      standing: kind === 'first' ? null : this.#standing(),
      ignored: branch.tree.ignored,
      findings: [
        ...layoutFindings(branch.layout, branch.tree),
        ...directoryFindings(branch.tree, listing.branch),
        ...this.#findings,
        ...differingTags(this.#differing),
        ...tags.findings,
        ...pendingSignatures(tags.verification?.pending.size ?? 0),
        ...releases.findings,
        ...incompleteTags(this.#broken),
        ...(owned?.findings ?? []),
      ],
      scope: {
        everything: kind !== 'changes',
        blobs: new Map(
          branch.tree.files.filter(isReported).map(({ path, blob }) => [subjectName(path), blob]),
        ),
        files: new Set(this.#files.drafts.filter(isReported).map(({ path }) => subjectName(path))),
        tags: new Set(fresh.flatMap(({ tag }) => (releases.cutTags.has(tag) ? [] : [subjectName(tag)]))),
        listed: listedReleases(this.#work),
      },
      counted: releases.counted.map(({ tag, commit }) => ({ tag, commit })),
      unsettled: fresh.filter(({ tag }) => !settledTags.has(tag)).map(({ tag, commit }) => ({ tag, commit })),
      tags: new Map(
        [...fresh, ...tags.releases.filter(({ tag }) => tag === set.standing?.release)].map(
          ({ tag, commit, object }) => [
            tag,
            { commit, object, signer: tags.verification?.signers.get(tag) ?? null },
          ],
        ),
      ),
      unverified: unverifiedKeys(this.#work),
      set,
    }
  }

  readonly #idOf: IdOf = (id) => this.#spellings.get(promptIdKey(id)) ?? id

  /** Adds findings about files of the branch that cannot become a version. */
  #note(findings: readonly NewFinding[]): void {
    this.#findings.push(...findings)
    this.#leftOut.push(...findings.map(({ subject }) => subject.name))
  }

  #movesOf(gone: readonly string[]): PlannedMoves {
    if (gone.length === 0) return { declared: NO_MOVES, found: NO_MOVES }
    const { branch } = this.#work
    const { former } = this.#files
    if (this.#moves === undefined) {
      const tree = spelled(branch.tree, this.#idOf)
      const found = former === null ? NO_MOVES : movesBetween(spelled(former, this.#idOf), tree)
      this.#moves = { found, branchIds: new Set(tree.ids.values()) }
    }
    const { found, branchIds } = this.#moves
    return {
      declared: declaredMoves(branch.layout.moved, { ...branch.layout.layout, branchIds }, gone),
      found,
    }
  }

  /** Compares the branch with the settled commit; if everything is compared, with the registry. */
  #standing(): BranchComparison {
    const { remembered, branch } = this.#work
    const { before, owned } = this.#files
    const had = new Set([...(before === null ? liveIds(owned) : before.ids.values())].map(this.#idOf))
    const newlyBad = this.#leftOut.filter((path) => !remembered.quarantined.has(path))
    const ids = { get: (path: string) => idAt(branch.tree, path, this.#idOf) }
    return {
      prompts: had.size,
      missing: [...had].filter((id) => !this.#branchIds.has(id)),
      quarantined: promptsOfFiles(newlyBad, ids, had),
    }
  }
}

/** Ids that are the same whatever their spelling. */
function keySet(ids: Iterable<string>): Ids {
  const keys = new Set<string>()
  for (const id of ids) keys.add(promptIdKey(id))
  return { has: (id) => keys.has(promptIdKey(id)) }
}

/** The versions without those that are kept out. */
function letIn(
  { drafts, releases, gone }: Versions,
  screen: (version: DesiredVersion) => Screening,
): Versions {
  const isIn = (version: DesiredVersion) => screen(version) !== 'kept_out'
  return {
    drafts: drafts.filter(isIn),
    releases: new Map([...releases].map(([id, released]) => [id, released.filter(isIn)])),
    gone,
  }
}

function newestOf({ tag }: NonNullable<ReleaseFiles['newest']>): Omit<WholeRelease, 'ids'> {
  return { tag: tag.tag, release: tag.coverage.release, commit: tag.commit }
}

function idAt({ ids }: PromptTree, path: string, idOf: IdOf): string | undefined {
  const id = ids.get(path)
  return id === undefined ? undefined : idOf(id)
}

function liveIds(owned: OwnedRows | null): ReadonlySet<string> {
  const rows = [...(owned?.rows.values() ?? [])]
  return new Set(rows.flatMap(({ prompt_id: id, archived }) => (archived ? [] : [id])))
}

/** Release tags that still exist where they first counted. A moved tag gets no other finding. */
function listedReleases({ listing, ledger, tags }: GatherWork): ReadonlySet<string> {
  const isInPlace = ({ name, commit }: TagRef) => (ledger.get(name) ?? commit) === commit
  const names = new Set(listing.tags.filter(isInPlace).map(({ name }) => name))
  return new Set(tags.releases.filter(({ tag }) => names.has(tag)).map(({ tag }) => subjectName(tag)))
}

function unverifiedKeys({ listing, tags }: GatherWork): string[] {
  const { verification } = tags
  if (verification === null) return []
  return listing.tags.filter(({ name }) => verification.unverified.has(name)).map(tagKey)
}
