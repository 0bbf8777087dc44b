import { MessageChannel } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { RegistryError } from '../../../../api/contract/errors.ts'
import { connectThread } from '../../../../controller/cli/workers/thread-calls.ts'

type Functions = {
  readonly double: (number: number) => Promise<number>
  readonly refuse: () => never
  readonly listen: () => never
  readonly write: () => never
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
    write: () => {
      throw new RegistryError('unavailable', 'No database.', { cause: new Error('disk I/O error') })
    },
    never: () => new Promise(() => {}),
  } satisfies Functions)
  return { ...connectThread<Functions>(port1, {}), end: () => port2.close() }
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

test('an error of another thread keeps the message of its cause, for the log', async () => {
  const { call } = connected()
  await expect(call('write', undefined)).rejects.toMatchObject({
    code: 'unavailable',
    cause: { message: 'disk I/O error' },
  })
})

test('calls of a thread that has ended are rejected, those in progress and later ones', async () => {
  const { call, fail } = connected()
  const waiting = call('never', undefined)
  fail(new Error('out of memory'))
  await expect(waiting).rejects.toThrow('out of memory')
  await expect(call('double', 1)).rejects.toThrow('out of memory')
})

test('a port whose other end closes rejects its calls', async () => {
  const { call, end } = connected()
  const waiting = call('never', undefined)
  end()
  await expect(waiting).rejects.toThrow('The other thread has ended.')
})
