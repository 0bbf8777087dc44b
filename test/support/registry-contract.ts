import { expect, test } from 'vitest'
import { RegistryError } from '../../api/contract/errors.ts'
import type { Fault } from '../contract/prompt-store/faults/spoiling.ts'
import type { OpenStores, StoreHarness, StoreNeed } from '../contract/prompt-store/harness.ts'

export interface StoreCase {
  readonly name: string
  readonly needs?: StoreNeed
  run(stores: OpenStores): Promise<void>
}

/** Provides the stores for one case. Returns false if this adapter cannot. */
async function withStores(
  harness: StoreHarness,
  needs: StoreNeed | undefined,
  run: (stores: OpenStores) => Promise<void>,
): Promise<boolean> {
  const stores: OpenStores | undefined =
    needs === 'unreachable' ? await harness.unreachable?.() : await harness.open()
  if (stores === undefined) return false
  try {
    if (needs === 'reopen' && stores.reopen === undefined) return false
    await run(stores)
    return true
  } finally {
    await stores.close()
  }
}

/** Runs every case as a separate test on one adapter. */
export function describeStore(name: string, cases: readonly StoreCase[], harness: StoreHarness): void {
  for (const one of cases) {
    test(`${name}: ${one.name}`, async (context) => {
      const ran = await withStores(harness, one.needs, (stores) => one.run(stores))
      if (!ran) context.skip(`${name} has nothing that this case needs (${one.needs})`)
    })
  }
}

type StorePart = 'prompts' | 'sources' | 'sets' | 'reads' | 'evidence'

/** Shows that the cases can fail: each fault fails the case named for it. */
export function describeFaults<T extends object>(
  part: StorePart,
  cases: readonly StoreCase[],
  faults: readonly Fault<T>[],
  harness: StoreHarness,
): void {
  for (const fault of faults) {
    test(`the contract of ${part} notices an adapter that ${fault.name}`, async () => {
      const one = cases.find(({ name }) => name === fault.caught)
      if (one === undefined) throw new Error(`Unknown case "${fault.caught}".`)
      let outcome: unknown = 'passed'
      await withStores(harness, one.needs, async (stores) => {
        const right = stores[part] as unknown as T
        const reopen = fault.reopened?.(stores) ?? stores.reopen
        const spoiled = {
          ...stores,
          [part]: { ...right, ...fault.spoil(right, stores) },
          ...(reopen && { reopen }),
        }
        outcome = await one.run(spoiled).then(
          () => 'passed',
          (error: unknown) => error,
        )
      })
      // Either an assertion of the case or an error of the port. Anything else is a bug of the test.
      const noticed =
        outcome instanceof RegistryError || (outcome instanceof Error && outcome.name === 'AssertionError')
      expect(noticed, String(outcome)).toBe(true)
    })
  }
}

/** Shows that each case catches a fault. */
export function describeCoverage(
  part: StorePart,
  cases: readonly StoreCase[],
  faults: readonly { readonly caught: string }[],
): void {
  test(`every case of the contract of ${part} notices some fault`, () => {
    const caught = new Set(faults.map((fault) => fault.caught))
    expect(cases.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual([])
  })
}
