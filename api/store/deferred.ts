/** An object whose methods all return promises. */
type Asynchronous<T> = { [K in keyof T]: (...args: never[]) => Promise<unknown> }

/**
 * An object whose code is loaded at the first call of one of its methods. A function that only resolves prompts never loads
 * it.
 */
export function deferred<T extends Asynchronous<T>>(
  methods: Readonly<Record<keyof T, true>>,
  load: () => Promise<T>,
): T {
  let loading: Promise<T> | undefined
  const call = async (name: keyof T, args: never[]) => {
    loading ??= load()
    return await (await loading)[name](...args)
  }
  const names = Object.keys(methods) as (keyof T)[]
  return Object.fromEntries(names.map((name) => [name, (...args: never[]) => call(name, args)])) as T
}
