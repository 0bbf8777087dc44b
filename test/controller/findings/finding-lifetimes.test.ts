import { describe, expect, it } from 'vitest'
import { FINDING_SUBJECTS } from '../../../api/contract/schemas/index.ts'
import {
  classOf,
  FINDING_CODES,
  type Finding,
  type FindingCode,
  isFindingCode,
  type NewFinding,
  reasonOf,
} from '../../../controller/findings/finding.ts'
import {
  isChecked,
  isOutlived,
  needsFullPass,
  nextFindings,
  type PassScope,
} from '../../../controller/findings/findings.ts'
import fc from '../../support/fast-check.ts'

const CODES = Object.keys(FINDING_CODES) as FindingCode[]
const BLOB = 'b'.repeat(40)

type SubjectKind = NewFinding['subject']['kind']

const found = (code: FindingCode, name: string, kind: SubjectKind = 'file'): NewFinding => ({
  code,
  subject: { kind, name },
  message: 'It is.',
})

const LOOKED: PassScope = {
  everything: false,
  blobs: new Map(),
  files: new Set(),
  tags: new Set(),
  listed: new Set(),
}

const names = (findings: readonly Pick<Finding, 'code' | 'subject'>[]) =>
  findings.map(({ code, subject }) => `${code} ${subject.name}`)

/** By lifetime: passes that know whether the cause exists, and passes that do not. */
interface Looks {
  readonly at: readonly Partial<PassScope>[]
  readonly not: readonly Partial<PassScope>[]
}

const NAME = 'subject'
const THERE = { listed: new Set([NAME]), blobs: new Map([[NAME, BLOB]]) }
const ALWAYS: Looks = { at: [THERE, { ...THERE, everything: true }, {}], not: [] }
const FULL: Looks = {
  at: [{ ...THERE, everything: true }],
  not: [THERE, {}, { ...THERE, files: new Set([NAME]) }],
}
const FILE: Looks = {
  at: [
    { ...THERE, everything: true },
    { ...THERE, files: new Set([NAME]) },
    { ...THERE, blobs: new Map([[NAME, 'another']]) },
    { ...THERE, blobs: new Map() },
  ],
  not: [THERE, { ...THERE, files: new Set(['other']), tags: new Set([NAME]) }],
}
const TAG: Looks = {
  at: [
    { ...THERE, tags: new Set([NAME]) },
    { ...THERE, listed: new Set() },
  ],
  // A full pass may not read a tag of many releases ago.
  not: [
    THERE,
    { ...THERE, everything: true },
    { ...THERE, tags: new Set(['other']), files: new Set([NAME]) },
  ],
}
const LISTED: Looks = {
  at: [
    { ...THERE, listed: new Set() },
    { ...THERE, listed: new Set(['other']), everything: true },
  ],
  not: [THERE, { ...THERE, everything: true }, { ...THERE, tags: new Set([NAME]) }],
}
const FULL_OF_TAG: Looks = { at: [...FULL.at, { ...THERE, listed: new Set() }], not: [THERE] }

/** A new code needs a line here, with its possible subjects. */
const LOOKS: Readonly<Record<FindingCode, readonly [SubjectKind, Looks][]>> = {
  pass_failed: [['source', ALWAYS]],
  mass_change: [['source', ALWAYS]],
  too_many_files: [['source', ALWAYS]],
  layout_invalid: [['file', ALWAYS]],
  nothing_found: [['repository', ALWAYS]],
  release_unreachable: [['tag', ALWAYS]],
  release_unverified: [['tag', ALWAYS]],
  release_conflict: [['tag', FULL_OF_TAG]],
  failed: [
    ['prompt', ALWAYS],
    ['source', ALWAYS],
  ],
  set_incomplete: [['source', ALWAYS]],
  refused: [['prompt', FULL]],
  unsafe_text: [['file', FILE]],
  quarantined: [['file', FILE]],
  label_taken: [
    ['file', FULL],
    ['tag', FULL_OF_TAG],
  ],
  format_differs: [
    ['file', FULL],
    ['tag', FULL_OF_TAG],
  ],
  row_unreadable: [['prompt', FULL]],
  drifted: [['prompt', FULL]],
  signatures_pending: [['repository', ALWAYS]],
  held: [['prompt', FULL]],
  waiting_for_evidence: [['prompt', FULL]],
  waiting_for_soak: [['prompt', FULL]],
  breaking_inputs: [['prompt', FULL]],
  tag_conflict: [['tag', LISTED]],
  tag_lower: [['tag', LISTED]],
  evidence_missing: [['tag', LISTED]],
  tag_moved: [['tag', ALWAYS]],
  tag_deleted: [['tag', ALWAYS]],
  tag_empty: [['tag', TAG]],
  tag_incomplete: [['tag', TAG]],
  tag_format_differs: [['tag', TAG]],
  tag_layout_invalid: [['tag', TAG]],
  tag_too_large: [['tag', LISTED]],
  tag_unreachable: [['tag', ALWAYS]],
  tag_unverified: [['tag', ALWAYS]],
  tag_not_release: [['tag', ALWAYS]],
  tags_unmatched: [['repository', ALWAYS]],
  unsafe_text_released: [['file', FILE]],
  front_matter_repaired: [['file', FILE]],
  front_matter_not_read: [['file', FILE]],
  input_undeclared: [['file', FILE]],
  input_unused: [['file', FILE]],
  unknown_name: [['prompt', ALWAYS]],
  directory_empty: [['directory', ALWAYS]],
  row_skipped: [['row', FULL]],
  prompts_unadopted: [['repository', FULL]],
}

describe.each(CODES)('%s', (code) => {
  it.each(LOOKS[code])('about a %s is checked only by passes that know its cause', (kind, looks) => {
    const subject = { kind, name: NAME }
    const one: Finding = { code, subject, message: 'It is.', first_seen: 't1', details: { blob: BLOB } }
    const isLookedAt = (different: Partial<PassScope>) => isChecked({ ...LOOKED, ...different }, one)
    expect(looks.at.map(isLookedAt)).toEqual(looks.at.map(() => true))
    expect(looks.not.map(isLookedAt)).toEqual(looks.not.map(() => false))
  })

  it('has a class, and a reason unless it is a notice', () => {
    expect(isFindingCode(code)).toBe(true)
    expect(reasonOf(code) === '').toBe(classOf(code) === 'notice')
    expect(reasonOf(code)).toMatch(/^([A-Z][a-z]+)*$/)
  })

  it('needs a full pass only if no other pass can clear it', () => {
    const isFull = LOOKS[code].some(([, looks]) => looks === FULL || looks === FULL_OF_TAG)
    expect(needsFullPass({ code })).toBe(isFull)
  })

  it('is only about subjects that the registry knows', () => {
    for (const [kind] of LOOKS[code]) expect(FINDING_SUBJECTS).toContain(kind)
  })
})

describe('a finding about a release tag', () => {
  const looked = { ...LOOKED, listed: new Set(['v1']) }
  const isGone = (code: FindingCode, name: string, kind: SubjectKind = 'tag') =>
    isOutlived(looked, found(code, name, kind))

  it('is outlived once the tag is gone, but not if it is about a tag that does not count', () => {
    expect([isGone('tag_empty', 'v2'), isGone('tag_lower', 'v2'), isGone('release_conflict', 'v2')]).toEqual([
      true,
      true,
      true,
    ])
    expect([isGone('tag_deleted', 'v2'), isGone('tag_unreachable', 'v2')]).toEqual([false, false])
  })

  it('is not outlived while the tag exists, and nothing else is', () => {
    expect([
      isGone('tag_empty', 'v1'),
      isGone('label_taken', 'v2', 'file'),
      isGone('refused', 'v2', 'prompt'),
    ]).toEqual([false, false, false])
  })
})

/** The events between two passes, and whether the next pass compares everything. */
interface Step {
  /** The new content of files: a bit for each code about files; `null`: the file is deleted. */
  readonly files: Readonly<Record<string, number | null>>
  /** Tags that are created, with a bit for each code about their release, or deleted. */
  readonly tags: Readonly<Record<string, number | null>>
  /** Causes of all other kinds that appear or disappear. */
  readonly others: readonly (readonly [code: FindingCode, name: string])[]
  readonly full: boolean
}

const codesWith = (...looks: Looks[]) =>
  CODES.filter((code) => LOOKS[code].some(([, one]) => looks.includes(one)))
const FILE_CODES = codesWith(FILE)
const TREE_CODES = codesWith(TAG)
const NEW_TAG_CODES = codesWith(LISTED)
const OTHER_CODES = codesWith(ALWAYS, FULL)

/** A source with known causes, and the findings after its passes. */
class World {
  readonly files = new Map<string, number>()
  readonly tags = new Map<string, number>()
  readonly others = new Map<string, NewFinding>()
  /** The pass since which the cause of each finding exists. */
  readonly since = new Map<string, string>()
  findings: Finding[] = []
  #pass = 0

  run({ files, tags, others, full }: Step): void {
    const at = `pass ${++this.#pass}`
    const changed = new Set(entriesThatChange(this.files, files))
    const fresh = new Set(entriesThatChange(this.tags, tags))
    // A prompt with a finding that only a full pass can clear gets a full pass as soon as it changes.
    let everything = full
    for (const [code, name] of others) {
      const key = `${code} ${name}`
      if (this.others.delete(key)) everything ||= needsFullPass({ code })
      else this.others.set(key, found(code, name, LOOKS[code][0]?.[0]))
    }
    const looked: PassScope = {
      everything,
      blobs: new Map([...this.files].map(([path, text]) => [path, blobOf(text)])),
      files: everything ? new Set(this.files.keys()) : changed,
      tags: everything ? new Set(this.tags.keys()) : fresh,
      listed: new Set(this.tags.keys()),
    }
    const ofFiles = [...looked.files].flatMap((path) => this.#ofFile(path))
    const ofTags = [...looked.tags].flatMap((tag) => this.#ofTag(tag, TREE_CODES))
    const ofNewTags = [...fresh].flatMap((tag) => this.#ofTag(tag, NEW_TAG_CODES))
    // A changes pass finds only what every pass checks, and what changed.
    const ofOthers = [...this.others.values()].filter(
      ({ code, subject }) =>
        everything ||
        !needsFullPass({ code }) ||
        others.some(([one, name]) => one === code && name === subject.name),
    )
    const all = [...ofFiles, ...ofTags, ...ofNewTags, ...ofOthers]
    this.findings = nextFindings(this.findings, all, (one) => isChecked(looked, one), at)
    this.#remember(at)
  }

  /** All existing causes. */
  causes(): string[] {
    const ofFiles = [...this.files.keys()].flatMap((path) => this.#ofFile(path))
    const ofTags = [...this.tags.keys()].flatMap((tag) => this.#ofTag(tag, [...TREE_CODES, ...NEW_TAG_CODES]))
    return names([...ofFiles, ...ofTags, ...this.others.values()]).sort()
  }

  #ofFile(path: string): NewFinding[] {
    const text = this.files.get(path) ?? 0
    const codes = FILE_CODES.filter((_, bit) => (text >> bit) % 2 === 1)
    return codes.map((code) => ({ ...found(code, path), details: { blob: blobOf(text) } }))
  }

  #ofTag(tag: string, codes: readonly FindingCode[]): NewFinding[] {
    const bits = [...TREE_CODES, ...NEW_TAG_CODES]
    const tree = this.tags.get(tag) ?? 0
    return codes
      .filter((code) => (tree >> bits.indexOf(code)) % 2 === 1)
      .map((code) => found(code, tag, 'tag'))
  }

  #remember(at: string): void {
    const causes = this.causes()
    for (const cause of causes) if (!this.since.has(cause)) this.since.set(cause, at)
    for (const cause of this.since.keys()) if (!causes.includes(cause)) this.since.delete(cause)
  }
}

const blobOf = (text: number) => `blob ${text}`

/** Changes a map, and returns its new or changed entries. Never replaces a tag, because it counts where it was. */
function entriesThatChange(
  known: Map<string, number>,
  changes: Readonly<Record<string, number | null>>,
): string[] {
  return Object.entries(changes).flatMap(([name, value]) => {
    if (value === null) known.delete(name)
    else if (known.get(name) === value || (name.startsWith('v') && known.has(name))) return []
    else known.set(name, value)
    return value === null ? [] : [name]
  })
}

describe('any sequence of changes and passes', () => {
  const change = (bits: number) => fc.option(fc.nat(2 ** bits - 1), { freq: 3 })
  const step: fc.Arbitrary<Step> = fc.record({
    files: fc.dictionary(fc.constantFrom('a.txt', 'b.txt'), change(FILE_CODES.length)),
    tags: fc.dictionary(fc.constantFrom('v1', 'v2'), change(TREE_CODES.length + NEW_TAG_CODES.length)),
    others: fc.uniqueArray(fc.tuple(fc.constantFrom(...OTHER_CODES), fc.constantFrom('a', 'b')), {
      maxLength: 3,
      selector: ([code, name]) => `${code} ${name}`,
    }),
    full: fc.boolean(),
  })

  it('keeps a finding exactly as long as its cause, with the time when it was first seen', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const world = new World()
        for (const one of steps) {
          world.run(one)
          expect(names(world.findings).sort()).toEqual(world.causes())
          for (const { code, subject, first_seen } of world.findings)
            expect(first_seen).toBe(world.since.get(`${code} ${subject.name}`))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('covers every code', () => {
    expect(
      [...FILE_CODES, ...TREE_CODES, ...NEW_TAG_CODES, ...OTHER_CODES, 'release_conflict'].sort(),
    ).toEqual([...CODES].sort())
  })
})
