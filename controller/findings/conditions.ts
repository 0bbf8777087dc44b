import { z } from 'zod'
import { firstNames } from '../../api/contract/first-names.ts'
import { clipText } from './clip-text.ts'
import { type Finding, type FindingCode, reasonOf } from './finding.ts'
import type { FindingCounts } from './findings.ts'
import { gravestOf, verdictOf } from './verdict.ts'

const MOST_MESSAGE_BYTES = 1500

/** The conditions of a source. `Verified` exists only if the source verifies tags. */
export const CONDITION_TYPES = ['Ready', 'Fetched', 'Verified', 'Held', 'Drifted'] as const

export const Condition = z.object({
  type: z.enum(CONDITION_TYPES),
  status: z.enum(['True', 'False', 'Unknown']),
  /** One word for programs, such as `Quarantined`. */
  reason: z.string(),
  /** A sentence for people. */
  message: z.string(),
  /** The commit of the branch at that time. */
  commit: z.string().nullable(),
  /** When the status last changed, as ISO 8601. */
  since: z.string(),
})
export type Condition = z.output<typeof Condition>

/** A condition of a pass, before it is known since when. */
export type NewCondition = Omit<Condition, 'since'>

/** The input that conditions are derived from. */
export interface ConditionInput {
  readonly counts: FindingCounts
  /** At least the newest findings. */
  readonly findings: readonly Finding[]
  readonly branch: string
  readonly commit: string
  /** End of the current freeze, in milliseconds since the epoch; `null` outside of freezes. */
  readonly frozenUntil: number | null
  /** How the source verifies tags. */
  readonly verify: 'off' | 'warn' | 'require'
}

/** The conditions of a source after its refs were listed. Pure. */
export function conditionsOf(input: ConditionInput): NewCondition[] {
  const { branch, commit, verify } = input
  const conditions = [
    {
      type: 'Fetched' as const,
      status: 'True' as const,
      reason: 'Listed',
      message: `The branch "${branch}" is at ${commit.slice(0, 12)}.`,
    },
    readyCondition(input),
    heldCondition(input),
    driftedCondition(input),
    ...(verify === 'off' ? [] : [verifiedCondition(input, verify)]),
  ]
  return conditions.map((one) => ({ ...one, commit }))
}

type PartialCondition = Omit<NewCondition, 'commit'>

function readyCondition({ counts, findings, commit }: ConditionInput): PartialCondition {
  const { class: what, reason, text: found } = verdictOf(counts)
  if (what === 'ready') {
    const message = `The registry is up to date with commit ${commit.slice(0, 12)}.`
    return { type: 'Ready', status: 'True', reason, message }
  }
  const gravest = gravestOf(findings, counts)
  const isAlone = found.startsWith('1 ') && !found.includes(',')
  const sentences = gravest === undefined ? [] : [sentence(gravest)]
  const message = isAlone && sentences.length > 0 ? sentences.join() : [`${found}.`, ...sentences].join(' ')
  return { type: 'Ready', status: 'False', reason, message }
}

/** Codes of releases that wait, most severe first. */
const WAITING = ['held', 'waiting_for_evidence', 'waiting_for_soak'] as const satisfies readonly FindingCode[]

function heldCondition({ counts, findings, frozenUntil }: ConditionInput): PartialCondition {
  const held = { type: 'Held', status: 'True' } as const
  const massChange = findings.find(({ code }) => code === 'mass_change')
  if ((counts.mass_change ?? 0) > 0)
    return {
      ...held,
      reason: 'MassChange',
      message: massChange?.message ?? 'A mass change waits for confirmation.',
    }
  const until = frozenUntil === null ? '' : new Date(frozenUntil).toISOString()
  const freeze = `Nothing is promoted until the freeze ends at ${until}.`
  const waiting = WAITING.filter((code) => (counts[code] ?? 0) > 0)
  const [gravest] = waiting
  if (gravest !== undefined) {
    const names = `Releases wait: ${waiting.map((code) => namesOf(code, counts, findings)).join(', ')}.`
    return {
      ...held,
      reason: frozenUntil === null ? reasonOf(gravest) : 'Frozen',
      message: frozenUntil === null ? names : `${freeze} ${names}`,
    }
  }
  if (frozenUntil !== null) return { ...held, reason: 'Frozen', message: freeze }
  return { type: 'Held', status: 'False', reason: 'Free', message: 'No release is held.' }
}

function driftedCondition({ counts, findings }: ConditionInput): PartialCondition {
  if ((counts.drifted ?? 0) === 0) {
    const message = 'No version set by hand differs from git.'
    return { type: 'Drifted', status: 'False', reason: 'InStep', message }
  }
  const message = `Versions set by hand differ from git: ${namesOf('drifted', counts, findings)}.`
  return { type: 'Drifted', status: 'True', reason: 'SetByHand', message }
}

function verifiedCondition(
  { counts, findings }: ConditionInput,
  verify: 'warn' | 'require',
): PartialCondition {
  const count = (counts.tag_unverified ?? 0) + (counts.release_unverified ?? 0)
  if (count > 0) {
    const what = count === 1 ? '1 release tag has' : `${count} release tags have`
    const reason = verify === 'require' ? 'Refused' : 'Unverified'
    const isUnverified = ({ code }: Finding) => code === 'release_unverified' || code === 'tag_unverified'
    const names = few(findings.filter(isUnverified), count)
    const message = `${what} no accepted signature: ${names}.`
    return { type: 'Verified', status: 'False', reason, message }
  }
  if ((counts.signatures_pending ?? 0) > 0)
    return {
      type: 'Verified',
      status: 'Unknown',
      reason: 'Pending',
      message: 'The signatures of some release tags are not checked yet.',
    }
  const message = 'All new release tags have an accepted signature.'
  return { type: 'Verified', status: 'True', reason: 'Verified', message }
}

/** Only `Held` changes: a suspended source is not checked, so `Ready` stays. */
export function suspendedCondition(message: string, commit: string | null): NewCondition {
  return { type: 'Held', status: 'True', reason: 'Suspended', message, commit }
}

/** After a pass that failed before its plan. `fetched`: whether the repository was read. */
export function failedConditions(
  message: string,
  { fetched, code }: { readonly fetched: boolean; readonly code: string },
): NewCondition[] {
  const failed = { status: 'False', reason: pascal(code), message, commit: null } as const
  const ready: NewCondition = { type: 'Ready', ...failed }
  return fetched ? [ready] : [{ type: 'Fetched', ...failed }, ready]
}

/** Merges the conditions of a pass into the earlier ones. `since` changes only with the status. `at` is ISO 8601. */
export function nextConditions(
  before: readonly Condition[],
  after: readonly NewCondition[],
  at: string,
): Condition[] {
  return CONDITION_TYPES.flatMap((type) => {
    const known = before.find((condition) => condition.type === type)
    const next = after.find((condition) => condition.type === type)
    if (next === undefined) return known === undefined ? [] : [known]
    const since = known?.status === next.status ? known.since : at
    return [{ ...next, message: clipText(next.message, MOST_MESSAGE_BYTES), since }]
  })
}

/** Whether these conditions change a status or its reason. */
export function changesConditions(before: readonly Condition[], after: readonly NewCondition[]): boolean {
  return after.some(({ type, status, reason }) => {
    const known = before.find((condition) => condition.type === type)
    return known?.status !== status || known.reason !== reason
  })
}

const MOST_NAMES = 5

function namesOf(code: FindingCode, counts: FindingCounts, findings: readonly Finding[]): string {
  const found = findings.filter((finding) => finding.code === code)
  return few(found, counts[code] ?? 0)
}

/** Names of the first subjects. `count`: the total. */
function few(findings: readonly Finding[], count: number): string {
  const names = findings.slice(0, MOST_NAMES).map(({ subject }) => subject.name)
  return firstNames(names, MOST_NAMES, count)
}

/** A finding's message does not always name its subject. */
function sentence({ subject, message }: Finding): string {
  return subject.name === '' || message.includes(subject.name) ? message : `${subject.name}: ${message}`
}

/** `object_missing` as `ObjectMissing`. */
function pascal(code: string): string {
  return code.replaceAll(/(?:^|_)(.)/g, (_, first: string) => first.toUpperCase())
}
