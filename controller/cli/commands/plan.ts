import type { Command } from 'commander'
import { countChanges, type Plan } from '../../plan.ts'
import { preview } from '../../reconcile.ts'
import { connect, loadConfig } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { passInput } from '../passes.ts'
import type { World } from '../world.ts'
import { chosenSources } from './sync.ts'

interface PlanOptions extends CommonOptions {
  readonly full?: boolean
}

export function planCommand({ world }: CliContext): Command {
  return newCommand('plan', 'show what sync would do, without doing it')
    .argument('[sources...]', 'names of sources (default: all)')
    .option('--full', 'compare everything')
    .action(async (names: string[], options: PlanOptions) => {
      const config = await loadConfig(options, world)
      const connection = await connect(options, world)
      const plans: Plan[] = []
      try {
        for (const source of chosenSources(config, names)) {
          plans.push(
            await preview({
              ...passInput(source, config, connection.api, world),
              force: options.full ?? false,
            }),
          )
        }
      } finally {
        connection.close()
      }
      if (wantsJson(options)) printJson(world, { plans })
      else for (const plan of plans) printPlan(world, plan)
    })
}

function printPlan(world: World, plan: Plan): void {
  const changes = [...plan.current, ...plan.backfill].flatMap((prompt) => prompt.changes)
  printLine(
    world,
    `${plan.source}: ${countChanges(plan)} changes at ${plan.branch} ${plan.commit.slice(0, 12)}`,
  )
  for (const change of changes) {
    if (change.do === 'push') printLine(world, `  push     ${change.id}@${change.label}  ${change.path}`)
    else
      printLine(
        world,
        `  ${change.do.padEnd(7)}  ${change.id}@${change.label} as ${change.release}  (tag ${change.tag})`,
      )
  }
  for (const { path, reason } of plan.quarantined) printLine(world, `  quarantine  ${path}: ${reason}`)
  for (const { kind, message } of plan.reports) printLine(world, `  ${kind}  ${message}`)
  if (plan.ignored.length > 0)
    printLine(world, `  ${plan.ignored.length} files are left out (-o json lists them)`)
}
