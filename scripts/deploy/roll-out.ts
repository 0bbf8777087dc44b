import { DeployError } from './error.ts'

/** A function to deploy to. Every method throws `DeployError`. */
export interface Target {
  readonly name: string
  /** The zip of `$LATEST`. */
  currentPackage(): Promise<Uint8Array>
  /** Replaces the code of `$LATEST`, and optionally publishes it as a version. Returns the version number. */
  put(zip: Uint8Array, publish: boolean): Promise<string>
  /** Resolves when a version, or `$LATEST`, runs its new code. */
  ready(version?: string): Promise<void>
  /** Resolves if a version, or `$LATEST`, is healthy. */
  demandHealth(version?: string): Promise<void>
}

type Say = (line: string) => void

interface Former {
  readonly target: Target
  readonly zip: Uint8Array
}

/**
 * Publishes and checks a package as a version of every function, and only then makes it `$LATEST` of all of them.
 * Lambda publishes only from `$LATEST`, so each function gets its former package back before the check. After
 * any failure, every function has its former package. Throws `DeployError`.
 */
export async function rollOut(targets: readonly Target[], zip: Uint8Array, say: Say): Promise<void> {
  const formers: Former[] = []
  for (const target of targets) {
    const former = { target, zip: await target.currentPackage() }
    if (!same(former.zip, zip)) await checkAside(former, zip, say)
    formers.push(former)
  }
  const switched: Former[] = []
  for (const former of formers) {
    if (same(former.zip, zip)) say(`${former.target.name}: has this code already`)
    else switched.unshift(former)
    const reason = await failureOf(() => switchOver(former, zip, say))
    if (reason !== undefined) await giveUp(reason, switched)
  }
}

async function checkAside(former: Former, zip: Uint8Array, say: Say): Promise<void> {
  const { target } = former
  const version = await target.put(zip, true)
  const unready = await failureOf(() => target.ready())
  await restore(former)
  say(`${target.name}: published as version ${version}`)
  const reason = unready ?? (await failureOf(() => healthy(target, version)))
  if (reason !== undefined)
    throw new DeployError(
      `${target.name} keeps its former code. Version ${version} has the new code: ${reason}`,
    )
  say(`${target.name}: GET /health of version ${version} answers 200`)
}

async function switchOver({ target, zip: former }: Former, zip: Uint8Array, say: Say): Promise<void> {
  if (!same(former, zip)) await target.put(zip, false)
  await healthy(target)
  say(`${target.name}: GET /health answers 200`)
}

async function healthy(target: Target, version?: string): Promise<void> {
  await target.ready(version)
  await target.demandHealth(version)
}

async function giveUp(reason: string, switched: readonly Former[]): Promise<never> {
  for (const former of switched) await restore(former)
  const names = switched.map(({ target }) => target.name).join(', ')
  throw new DeployError(names === '' ? reason : `${reason}\nRestored the former code of ${names}.`)
}

async function restore({ target, zip }: Former): Promise<void> {
  const reason = await failureOf(async () => {
    await target.put(zip, false)
    await target.ready()
  })
  if (reason === undefined) return
  throw new DeployError(
    `${target.name} has the new code, and its former code could not be restored: ${reason}\nDeploy the former version again.`,
  )
}

/** The error as a sentence. */
async function failureOf(run: () => Promise<void>): Promise<string | undefined> {
  try {
    await run()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}
