import { isLoopbackHost } from '../../../api/http/loopback.ts'
import type { Config } from '../../configuration/config.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { receiverKey, receiverName } from '../notifiers.ts'
import { failed, type InstallationCheck, ok, warn } from './check.ts'

/** Checks the secret and the URL of each receiver. Sends nothing: a receiver would act on it. */
export function receiverChecks({ notify }: Config, runtime: Pick<CliRuntime, 'env'>): InstallationCheck[] {
  return notify.map(({ url, secretEnv }, index) => {
    const name = `receiver ${receiverName(notify, index)}`
    try {
      receiverKey(secretEnv, runtime)
    } catch (error) {
      return failed(name, error)
    }
    const { protocol, hostname } = new URL(url)
    if (protocol === 'https:' || isLoopbackHost(hostname)) return ok(name, `${secretEnv} is set`)
    return warn(name, 'Its URL has no TLS, so others on the network can read the events.', 'Use https.')
  })
}
