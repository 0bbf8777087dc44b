import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const FOLDER = new URL('../../docs/decisions/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8')

const FORM =
  /^# (?<number>\d+)\. (?<title>.+)\n\n(?<date>\d{4}-\d\d-\d\d)\n(?<links>(?:\nSupersede[sd].+\n)*)\n## Context\n\n(?!#)[\s\S]+?\n\n## Decision\n\n(?!#)[\s\S]+?\n\n## Consequence\n\n(?!#)[\s\S]+$/

const decisions = readdirSync(FOLDER)
  .filter((name) => /^\d/.test(name))
  .toSorted()
  .map((name) => ({ name, ...FORM.exec(read(name))?.groups }) as Record<string, string>)

/** The files that links of a kind name. */
function linked(links = '', kind: string): string[] {
  return [...links.matchAll(new RegExp(`^${kind} \\[.+\\]\\((.+)\\)\\.$`, 'gm'))].map(([, file = '']) => file)
}

describe('the decisions', () => {
  test('have a title, a date, a context, a decision and a consequence', () => {
    expect(decisions.length).toBeGreaterThan(100)
    expect(decisions.filter(({ title }) => title === undefined)).toEqual([])
  })

  test('are numbered without gaps, in the order of their dates', () => {
    const numbers = decisions.map(({ number }) => Number(number))
    expect(numbers).toEqual(decisions.map((_, index) => index + 1))
    expect(decisions.map(({ name = '' }) => Number(name.slice(0, 4)))).toEqual(numbers)
    const dates = decisions.map(({ date = '' }) => date)
    expect(dates).toEqual(dates.toSorted())
  })

  test('link both ways if one supersedes another', () => {
    const pairs = (kind: string) =>
      decisions.flatMap(({ name = '', links }) => linked(links, kind).map((other) => [name, other]))
    const older = pairs('Superseded by')
    expect(older.length).toBeGreaterThan(0)
    expect(older.map(([a = '', b = '']) => `${b} ${a}`).toSorted()).toEqual(
      pairs('Supersedes')
        .map(([a = '', b = '']) => `${a} ${b}`)
        .toSorted(),
    )
  })

  test('are all in the index, in order', () => {
    const rows = [...read('README.md').matchAll(/^\| (\d+) \| \[(.+)\]\((.+)\) \| (\S+) \|/gm)]
    expect(rows.map(([, ...cells]) => cells)).toEqual(
      decisions.map(({ number, title, name, date }) => [number, title, name, date]),
    )
  })
})
