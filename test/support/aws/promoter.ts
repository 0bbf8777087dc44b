/** A separate process that promotes: `promoter.ts <endpoint> <table> <bucket> <name> <count> <label>...`. */
import { RegistryError } from '../../../api/contract/errors.ts'
import { createRegistry } from '../../../api/registry/registry.ts'
import { openAwsStore } from '../../../api/store/aws/index.ts'
import { clientsTo } from './clients.ts'

const [endpoint = '', table = '', bucket = '', name = '', count = '', ...labels] = process.argv.slice(2)
const now = Date.now
const random = Math.random
let ids = 0
const newId = () => `${name}-${++ids}`
const store = openAwsStore({ ...clientsTo(endpoint), table, bucket, now, random, newId })
const registry = createRegistry({
  ...store,
  settings: { allowedModes: ['production'], deprecatedPins: 'serve', inputs: 'report' },
  now,
  random,
  newId,
  statusOf: () => 409,
})
const api = registry.as({ actor: name, access: 'write', sources: 'any' })

/** Every other promotion requires the revision that it read, and so may lose. */
async function promoteOnce(turn: number): Promise<string> {
  const version = labels[turn % labels.length] ?? ''
  const { revision } = await api.resolve('p')
  const expected = turn % 2 === 0 ? {} : { expected_revision: revision }
  try {
    const { changed } = await api.promote('p', { version, ...expected })
    return changed ? 'promoted' : 'unchanged'
  } catch (error) {
    return error instanceof RegistryError ? error.code : String(error)
  }
}

console.log('ready')
process.stdin.once('data', async () => {
  const outcomes = await Promise.all(Array.from({ length: Number(count) }, (_, turn) => promoteOnce(turn)))
  console.log(JSON.stringify(outcomes))
  process.exit(0)
})
