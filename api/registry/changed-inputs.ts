import { RegistryError } from '../contract/errors.ts'
import {
  breakingChanges,
  compareInputs,
  type InputChange,
  namedChanges,
  nextMajor,
} from '../contract/input-contract.ts'
import { declaredInputs } from '../contract/reading/declared-inputs.ts'
import { compareReleases, type Release } from '../contract/release.ts'
import { releaseOf } from '../contract/release-line.ts'
import type { Head, VersionRecord } from '../store/records.ts'

/** Changed inputs that one event lists. */
const MOST_LISTED = 20

/** The changes of declared inputs from the stable version to another one. */
export function compareDeclared(stable: VersionRecord, target: VersionRecord): readonly InputChange[] {
  return compareInputs(declaredInputs(stable), declaredInputs(target))
}

/** The event details of changed inputs. */
export function inputDetails(changes: readonly InputChange[]) {
  if (changes.length === 0) return {}
  const listed = changes.slice(0, MOST_LISTED).map(({ name, step, what }) => ({ name, step, what }))
  const more = changes.length - listed.length
  return { inputs: listed, ...(more > 0 && { more_inputs: more }) }
}

interface Breaking {
  readonly changes: readonly InputChange[]
  /** The release of the target; `null` if it has none. Then no major change may come. */
  readonly release: Release | null
}

/** Throws `breaking_inputs` if the release breaks callers of the stable version in a smaller step than major. */
export function refuseBreaking(
  { promptId, highest }: Head,
  stable: VersionRecord | null,
  target: VersionRecord,
  { changes, release }: Breaking,
): void {
  const from = stable && releaseOf(stable, highest?.release ?? null)
  if (from === null) return
  const breaking = breakingChanges(changes, from, release ?? from)
  if (breaking.length === 0) return
  throw new RegistryError(
    'breaking_inputs',
    `${release === null ? `Version ${target.version}` : `Release ${release}`} of "${promptId}" breaks callers of ${from}: ${namedChanges(breaking)}. Release it as ${nextMajor(from)} or higher, restore the inputs, or promote it by hand with allow_breaking_inputs (promptctl promote --allow-breaking-inputs).`,
    { details: { prompt_id: promptId, version: target.version, release, from, inputs: breaking } },
  )
}

/** The highest release that a version was given while it waited. */
export function waitingRelease({ waiting }: VersionRecord): Release | null {
  return waiting.toSorted(compareReleases).at(-1) ?? null
}
