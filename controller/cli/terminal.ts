import type { Writable } from 'node:stream'

export function isTerminal(stream: Writable | NodeJS.ReadableStream): boolean {
  return (stream as { isTTY?: boolean }).isTTY === true
}
