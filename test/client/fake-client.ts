import { PromptRegistryClient } from '../../client/node-client.ts'
import type { ClientOptions } from '../../client/options.ts'
import type { FakeRegistry } from './fake-registry.ts'
import type { FakeTime } from './fake-time.ts'

/** A client of a fake registry, in fake time and without chance. */
export function fakeClient(
  { url, fetch }: FakeRegistry,
  { clock, setTimer }: FakeTime,
  options: ClientOptions = {},
): PromptRegistryClient {
  return new PromptRegistryClient({
    ...{ registryUrl: url, fetch, clock, setTimer, random: () => 0, env: {} },
    ...options,
  })
}
