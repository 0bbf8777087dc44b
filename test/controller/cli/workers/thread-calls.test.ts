import { MessageChannel } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { RegistryError } from '../../../../api/contract/errors.ts'
import { connectThread } from '../../../../controller/cli/workers/thread-calls.ts'

type Functions = {
  readonly double: (number: number) => Promise<number>
  readonly refuse: () => never
  readonly listen: () => never
  readonly never: () => Promise<void>
}

function connected() {
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => port1.close())
  connectThread(port2, {
    double: async (number: number) => 2 * number,
    refuse: () => {
      throw new RegistryError('forbidden', 'Not from there.')
    },
    listen: () => {
      throw Object.assign(new Error('the port is in use'), { code: 'EADDRINUSE' })
    },
    never: () => new Promise(() => {}),
  } satisfies Functions)
  return connectThread<Functions>(port1, {})
}

test('calls of another thread return its results, each to its caller', async () => {
  const { call } = connected()
  expect(await Promise.all([1, 2, 3].map((number) => call('double', number)))).toEqual([2, 4, 6])
})

test('an error of another thread keeps its code, and that of the registry its class', async () => {
  const { call } = connected()
  const refused = await call('refuse', undefined).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(RegistryError)
  expect(refused).toMatchObject({ code: 'forbidden', message: 'Not from there.' })
  await expect(call('listen', undefined)).rejects.toMatchObject({
    code: 'EADDRINUSE',
    message: 'the port is in use',
  })
})

test('calls of a thread that has ended are rejected', async () => {
  const { call, fail } = connected()
  const waiting = call('never', undefined)
  fail(new Error('out of memory'))
  await expect(waiting).rejects.toThrow('out of memory')
})
