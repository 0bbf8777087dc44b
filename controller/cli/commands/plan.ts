import type { Command } from 'commander'
import type { Change, PromptChanges } from '../../changes.ts'
import { heldMessage } from '../../pass-report.ts'
import { countChanges, type Plan } from '../../plan.ts'
import { preview } from '../../planning.ts'
import { runRound } from '../../run-round.ts'
import { repositoriesOf } from '../../wiring/repositories.ts'
import { fewNames } from '../cells.ts'
import { connect, loadConfig } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { quarantineLines } from '../reports.ts'
import type { World } from '../world.ts'
import { chosenSources } from './sync.ts'

const MOST_BACKFILL_LINES = 3

interface PlanOptions extends CommonOptions {
  readonly full?: boolean
}

export function planCommand({ world }: CliContext): Command {
  return newCommand('plan', 'show what sync would do, without doing it', {
    group: 'run',
    examples: ['plan', 'plan support --full'],
  })
    .argument('[sources...]', 'names of sources (default: all)')
    .option('--full', 'compare everything')
    .action(async (names: string[], options: PlanOptions) => {
      const config = await loadConfig(options, world)
      const sources = chosenSources(config, names)
      const connection = await connect(options, world, { missing: 'pretend' })
      const plans: Plan[] = []
      try {
        const force = options.full ?? false
        const { api } = connection
        const repositories = repositoriesOf({ sources, cache: config.cache, api, surroundings: world })
        for (const { git, members } of repositories)
          plans.push(...(await runRound(git, members, (input) => preview({ ...input, force }))))
      } finally {
        connection.close()
      }
      if (wantsJson(options)) printJson(world, { plans })
      else for (const plan of plans) printPlan(world, plan)
    })
}

function printPlan(world: World, plan: Plan): void {
  const count = countChanges(plan)
  const at = `${plan.branch} ${plan.commit.slice(0, 12)}`
  printLine(world, `${plan.source}: ${count} ${count === 1 ? 'change' : 'changes'} at ${at}`)
  const { massChange, layout } = plan
  const lines = [
    ...(massChange === null ? [] : [`held: ${heldMessage(plan)}`]),
    ...(layout.problem === null ? [] : [`layout: ${layout.problem}`]),
    ...plan.current.flatMap(({ changes }) => changes.map(changeLine)),
    ...plan.backfill.flatMap(backfillLines),
    ...quarantineLines(plan.quarantined),
    ...plan.reports.map(({ kind, message }) => `${kind.replaceAll('_', ' ')}: ${message}`),
  ]
  for (const line of lines) printLine(world, `  ${line}`)
  const { length } = plan.ignored
  const files = length === 1 ? '1 file is' : `${length} files are`
  if (length > 0) printLine(world, `  ${files} left out by the configuration (-o json lists them)`)
}

/** Years of releases would hide what is current, so those of a prompt share a line. */
function backfillLines({ id, changes }: PromptChanges): string[] {
  if (changes.length <= MOST_BACKFILL_LINES) return changes.map(changeLine)
  const releases = changes.flatMap((change) => ('release' in change ? [change.release] : []))
  return [`earlier  ${id}: ${fewNames(releases)} (${changes.length} changes)`]
}

function changeLine(change: Change): string {
  const { do: what, id } = change
  if (change.do === 'push') return `push     ${id}@${change.label}  ${change.path}`
  if (change.do === 'archive') return `archive  ${id}  (gone from the branch)`
  if (change.do === 'retire') return `retire   ${id} at ${change.release}  (tag ${change.tag})`
  const until = change.frozenUntil === undefined ? '' : `, in a freeze until ${change.frozenUntil}`
  const held = change.held === true ? ', frozen' : until
  return `${what.padEnd(7)}  ${id}@${change.label} as ${change.release}  (tag ${change.tag}${held})`
}
