import { makeRegistry, outcome, pushText, release } from './registry.ts'

/** The work of a separate process on a registry file. Started by `startChild`. */
export interface ChildOrders {
  readonly file: string
  /** Distinguishes the events of this process from those of others. */
  readonly name: string
  /**
   * - `swap`: promotes and rolls back the prompt `p`, `count` times in total.
   * - `forever`: writes prompts until it is killed, and reports each acknowledged write.
   * - `open`: creates one prompt.
   */
  readonly task: 'swap' | 'forever' | 'open'
  readonly count?: number
}

/** The result of `swap`: how often each outcome occurred. */
export type Tally = Readonly<Record<string, number>>

/** Promotes and rolls back `p`, many times at once. Its versions are labelled `v0` to `v4`. */
export async function swap(orders: Pick<ChildOrders, 'file' | 'name' | 'count'>): Promise<Tally> {
  const { admin, close } = makeRegistry(orders)
  const tally: Record<string, number> = {}
  const one = async (index: number) => {
    const running =
      index % 3 === 0
        ? admin.rollback('p', { hold: 'none' })
        : admin.promote('p', { version: `v${(index * 7) % 5}` })
    const code = await outcome(running)
    tally[code] = (tally[code] ?? 0) + 1
  }
  await Promise.all(Array.from({ length: orders.count ?? 0 }, (_, index) => one(index)))
  close()
  return tally
}

async function forever({ file, name }: ChildOrders): Promise<void> {
  const { admin } = makeRegistry({ file, name })
  for (let turn = 0; ; turn++) {
    const id = `prompt-${turn % 3}`
    const { revision } = await admin.push({
      prompt_id: id,
      content: `${name} ${turn}`,
      origin: { source: 'git' },
    })
    await release(admin, id, `1.${Date.now()}.${turn}`, `${name} ${turn}`)
    if (turn > 5 && turn % 4 === 0) await outcome(admin.rollback(id, { hold: 'none' }))
    process.stdout.write(`${id} ${revision}\n`)
  }
}

if (process.argv[2] !== undefined) {
  const orders = JSON.parse(process.argv[2]) as ChildOrders
  if (orders.task === 'forever') await forever(orders)
  else if (orders.task === 'swap') console.log(JSON.stringify(await swap(orders)))
  else {
    const { admin, close } = makeRegistry(orders)
    await pushText(admin, orders.name, 'text')
    close()
  }
}
