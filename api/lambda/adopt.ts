/** The result of an adoption of seeded prompts. */
export interface AdoptionSummary {
  /** Number of adopted prompts. */
  readonly adopted: number
  /** Number of prompts that cannot be adopted; the log has the reasons. */
  readonly refused: number
  /** False if time ran out. The next adoption continues from there. */
  readonly complete: boolean
}

/** The part of the store's report that is used. */
export interface AdoptionReport {
  readonly adopted: readonly unknown[]
  readonly refused: readonly { readonly promptId: string; readonly reason: string }[]
}

/** `adoptSeeded` of the AWS store. It can be interrupted and repeated at any time. */
export type AdoptSeeded = (options: {
  readonly actor: string
  readonly onProgress: (report: AdoptionReport) => void
}) => Promise<AdoptionReport>

/** Recorded as the actor of the events. */
const ACTOR = 'lambda:adopt'

class OutOfTime extends Error {}

/** Adopts prompts while there is time. Throws errors of `adoptSeeded` that occur before time runs out. */
export async function adoptInTime(
  adoptSeeded: AdoptSeeded,
  hasTime: () => boolean,
): Promise<AdoptionReport & { readonly complete: boolean }> {
  let last: AdoptionReport = { adopted: [], refused: [] }
  const onProgress = (report: AdoptionReport) => {
    last = report
    if (!hasTime()) throw new OutOfTime()
  }
  try {
    return { ...(await adoptSeeded({ actor: ACTOR, onProgress })), complete: true }
  } catch (error) {
    if (hasTime()) throw error
    return { ...last, complete: false }
  }
}
