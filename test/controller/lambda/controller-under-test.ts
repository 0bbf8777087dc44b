import { setTimeout as pause } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { openEmbeddedRegistry } from '../../../api/server.ts'
import { createKmsSigner } from '../../../api/signing/kms-signer.ts'
import { type Config, parseConfig } from '../../../controller/configuration/config.ts'
import { setSigner } from '../../../controller/configuration/set-signer.ts'
import type { PassEvent } from '../../../controller/lambda/event.ts'
import {
  type ControllerAnswer,
  type ControllerParts,
  createControllerHandler,
} from '../../../controller/lambda/handler.ts'
import { readKnownSources } from '../../../controller/lambda/known-sources.ts'
import type { ControllerObserver, Delivered, Tick } from '../../../controller/lambda/observer.ts'
import { createRounds } from '../../../controller/lambda/rounds.ts'
import { createSecrets, readReferences } from '../../../controller/lambda/secrets.ts'
import type { PassReport } from '../../../controller/state/pass-report.ts'
import { repositoriesOf } from '../../../controller/wiring/repositories.ts'
import { adminApi } from '../../support/admin-api.ts'
import { scratchFolder } from '../../support/scratch.ts'

/** Everything that a function reported, in order. */
export interface Told extends ControllerObserver {
  readonly requests: string[]
  readonly ticks: Tick[]
  readonly passes: PassReport[]
  readonly deliveries: Delivered[]
  readonly problems: { readonly message: string; readonly error: unknown }[]
}

export function createTold(): Told {
  const told = { requests: [], ticks: [], passes: [], deliveries: [], problems: [] } as Pick<
    Told,
    'requests' | 'ticks' | 'passes' | 'deliveries' | 'problems'
  >
  return {
    ...told,
    begin: (requestId) => void told.requests.push(requestId),
    ticked: (tick) => void told.ticks.push(tick),
    passed: (report) => void told.passes.push(report),
    delivered: (delivery) => void told.deliveries.push(delivery),
    problem: (message, error) => void told.problems.push({ message, error }),
  }
}

export interface ControllerUnderTest {
  readonly api: RegistryApi
  readonly told: Told
  /** Passes that the function requested from Lambda. */
  readonly invoked: PassEvent[]
  /** Puts another document in force. */
  config: Config
  /** `alias`: the alias by which the function is invoked. */
  ask(event: unknown, alias?: string): Promise<ControllerAnswer>
}

/** The controller's handler on a real registry, with real git. `kept`: the secrets by variable. */
export async function controllerUnderTest(
  sources: readonly Readonly<Record<string, unknown>>[],
  {
    kept = {},
    proof,
    ...parts
  }: Partial<ControllerParts> & { kept?: Readonly<Record<string, string>>; proof?: object } = {},
): Promise<ControllerUnderTest> {
  const folder = await scratchFolder()
  const registry = openEmbeddedRegistry({ file: `${folder}/registry.db`, log: { error: console.error } })
  onTestFinished(() => registry.close())
  const api = adminApi(registry)
  const told = createTold()
  const invoked: PassEvent[] = []
  const references = Object.fromEntries(Object.keys(kept).map((variable) => [variable, `/${variable}`]))
  const controller: ControllerUnderTest = {
    ...{ api, told, invoked },
    config: parseConfig(JSON.stringify({ sources, proof }), 'sources.yaml'),
    ask: (event, alias) => handle(event, context(alias)),
  }
  const handle = createControllerHandler({
    document: async () => controller.config,
    run: createRounds({
      secrets: createSecrets({
        references: readReferences(JSON.stringify(references)),
        read: async ({ id }) => kept[id.slice(1)] ?? '',
        keepMs: 0,
        now: Date.now,
      }),
      runtime: {
        env: process.env,
        hostname: 'test',
        instance: 'test',
        now: Date.now,
        random: () => 0.5,
        pause: async (ms, signal) => await pause(ms, undefined, { signal }),
        fetch: (url, init) => fetch(url, init),
      },
      repositories: ({ sources, proof }, runtime) =>
        repositoriesOf({
          ...{ sources, runtime, api, cache: `${folder}/cache` },
          signer: setSigner(proof, runtime, createKmsSigner),
        }),
      report: told.passed,
    }),
    known: (signal) => readKnownSources(api, signal),
    invoke: async (event) => void invoked.push(event),
    observer: told,
    now: Date.now,
    timeout: (ms) => AbortSignal.timeout(ms),
    ...parts,
  })
  return controller
}

function context(alias?: string) {
  const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:controller'
  return {
    awsRequestId: 'request-1',
    invokedFunctionArn: alias === undefined ? arn : `${arn}:${alias}`,
    getRemainingTimeInMillis: () => 60_000,
  }
}
