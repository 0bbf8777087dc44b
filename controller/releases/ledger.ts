import type { Oid } from '../source/oid.ts'

/** The commit at which each tag first counted. */
export type Ledger = ReadonlyMap<string, Oid>
