import fc from 'fast-check'

/**
 * Property tests use the same cases each time, so that they fail only because of a change. The long suite uses new
 * ones (`PROPERTY_SEED=random`); a number repeats the cases of that seed.
 */
const named = process.env.PROPERTY_SEED ?? '1'
fc.configureGlobal({
  ...fc.readConfigureGlobal(),
  seed: named === 'random' ? Date.now() % 2 ** 31 : Number(named),
})

/** How many cases a property tries. The long suite tries ten times as many. */
export function runs(few: number): number {
  return few * Number(process.env.PROPERTY_RUNS ?? 1)
}

export default fc
