import { isConfirmed, type Moment } from '../state/due-pass.ts'
import type { PassReport } from '../state/pass-report.ts'
import { apply } from './apply.ts'
import { withLease } from './lease.ts'
import { isSettled, observe, refresh, withSnapshot } from './observe.ts'
import type { PassInput, TraceStep } from './pass-input.ts'
import { planPass, readPlan } from './plan-pass.ts'
import { record, recordCheck, recordHeld, recordSuspended } from './record.ts'
import { readFindings } from './registry-reads.ts'
import { settle } from './settle.ts'

/**
 * Brings the registry in line with git: reads the state, lists the refs, and if anything changed, makes a plan and
 * applies it as the source's only writer. A second run changes nothing, and after a kill at any moment the next
 * run finishes the work. Rejects if the repository or the registry is unreachable or the lease is taken.
 */
export async function reconcile(input: PassInput): Promise<PassReport> {
  const startedAt = input.now()
  let report = await reconcileOnce(input, startedAt)
  // The other writer may have seen newer refs. With ours, the registry would go back to older drafts.
  while (report === OVERTAKEN) report = await reconcileOnce({ ...input, document: undefined }, startedAt)
  return report
}

/** Another writer changed the source between our listing of the refs and our lease, so it made progress. */
const OVERTAKEN = Symbol('overtaken')

async function reconcileOnce(input: PassInput, startedAt: number): Promise<PassReport | typeof OVERTAKEN> {
  if (input.source.suspended) return await recordSuspended(input, startedAt)
  const { traced = untraced } = input
  const observed = await traced('list', () => observe(input))
  if (isSettled(observed, input)) return await recordCheck(input, observed, startedAt)
  return await withSnapshot(input, observed, (snapshot) =>
    withLease(leaseOptions(input), async (token, signal) => {
      const run = { ...input, token, signal, startedAt }
      const moment = await settled(run, await refresh(run, observed))
      if (moment.document.revision !== observed.document.revision) return OVERTAKEN
      const pass = { ...run, moment, before: await readFindings(run), snapshot }

      const read = await traced('read', () => readPlan(pass))
      const plan = await traced('plan', async () => planPass(read))
      pass.onPlan?.({ plan, moment, findings: pass.before })
      if (plan.massChange !== null && !isConfirmed(moment, input)) return await recordHeld(pass, plan)
      const applied = await traced('apply', () => apply(pass, plan))
      if (applied === null) return OVERTAKEN
      return await record(pass, plan, applied)
    }),
  )
}

/** The moment after the prompts of a rolled back source serve its set, as a rollback that was cut short left them. */
async function settled(run: PassInput & { readonly token: number }, moment: Moment): Promise<Moment> {
  if (moment.document.settling !== true) return moment
  await settle(run)
  return await refresh(run, moment)
}

const untraced: TraceStep = (_step, work) => work()

function leaseOptions(input: PassInput) {
  const { api, source, holder, pause, signal, leaseSeconds = 60, patienceMs = 15_000 } = input
  return { api, source: source.name, holder, ttlSeconds: leaseSeconds, patienceMs, pause, signal }
}
