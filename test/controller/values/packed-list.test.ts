import { describe, expect, it } from 'vitest'
import { PackedList, PackedMap, SortedList } from '../../../controller/values/packed-list.ts'

const item = (n: number) => ({ id: `p${String(n).padStart(5, '0')}`, hash: 'é\ud800', tags: [n, null] })
const items = Array.from({ length: 1000 }, (_, n) => item(n))

describe('a packed list', () => {
  it('has its items in order, each time it is read, whatever its length', () => {
    for (const length of [0, 1, 63, 64, 65, 1000]) {
      const list = new PackedList<ReturnType<typeof item>>()
      list.push(...items.slice(0, length))
      expect(list.length).toBe(length)
      expect([...list]).toEqual(items.slice(0, length))
      expect([...list]).toEqual(items.slice(0, length))
    }
  })

  it('gives items by their place, in any order', () => {
    const list = new PackedList<ReturnType<typeof item>>()
    list.push(...items)
    for (const place of [999, 0, 500, 64, 63, 999, 960, 959, 1]) expect(list.at(place)).toEqual(items[place])
    expect(list.at(1000)).toBeUndefined()
  })

  it('keeps no items, but for the last few', () => {
    const list = new PackedList<ReturnType<typeof item>>()
    list.push(...items)
    const kept = [...list].filter((one, place) => one === items[place])
    expect(kept.length).toBeLessThan(64)
  })
})

describe('a packed map', () => {
  it('has the first value of each key', () => {
    const map = new PackedMap<ReturnType<typeof item>>()
    for (const one of items) map.add(one.id, one)
    map.add('p00007', item(8))
    for (const one of items) expect(map.get(one.id)).toEqual(one)
    expect(map.has('p00007')).toBe(true)
    expect(map.has('q')).toBe(false)
    expect(map.get('q')).toBeUndefined()
  })
})

describe('a sorted list', () => {
  it('is sorted by id, in whatever order items come', () => {
    const orders = [items, items.toReversed().slice(0, 5), [...items.slice(500), ...items.slice(0, 500)]]
    for (const order of orders) {
      const list = new SortedList<ReturnType<typeof item>>()
      for (const one of order) list.push(one)
      expect(list.list().length).toBe(order.length)
      expect([...list.list()]).toEqual(order.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
    }
  })
})
