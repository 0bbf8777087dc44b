import type { Writable } from 'node:stream'
import type { World } from './world.ts'

/** The API's own document, for programs. */
export function printJson(world: World, document: unknown): void {
  world.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
}

/** One line, whatever is in it. */
export function printLine(world: World, line: string): void {
  world.stdout.write(`${oneLine(line)}\n`)
}

/** A text of our own with several lines. */
export function printParagraph(world: World, text: string): void {
  world.stdout.write(`${withoutControls(text)}\n`)
}

/** What a person should know and a program that reads stdout should not meet. */
export function printNote(world: World, line: string): void {
  world.stderr.write(`${oneLine(line)}\n`)
}

export function isTerminal(stream: Writable | NodeJS.ReadableStream): boolean {
  return (stream as { isTTY?: boolean }).isTTY === true
}

/** Control characters, and those that turn the direction of writing: a line with them is not what it looks like. */
const CONTROLS = '\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069'
const CONTROL = new RegExp(`[${CONTROLS}]+`, 'g')
const CONTROL_OR_BREAK = new RegExp(`[\\n${CONTROLS}]+`, 'g')

/** Text of others must not move the cursor or break a table. */
export function oneLine(text: string): string {
  return text.replace(CONTROL_OR_BREAK, ' ')
}

/** The same for a text that may have lines. */
export function withoutControls(text: string): string {
  return text.replace(CONTROL, ' ')
}
