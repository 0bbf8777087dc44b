import type { Row } from './keys.ts'
import type { Table } from './table.ts'

/** One call takes 25 rows. */
const ROWS_A_CALL = 25
const CALLS_AT_ONCE = 8

/** Collects rows and writes them in few calls. They are in the table after `flush`, in no order. */
export class RowSink {
  readonly #table: Table
  #rows: Row[] = []
  #written: Promise<void> = Promise.resolve()

  constructor(table: Table) {
    this.#table = table
  }

  async add(rows: readonly Row[]): Promise<void> {
    this.#rows.push(...rows)
    if (this.#rows.length >= ROWS_A_CALL * CALLS_AT_ONCE) await this.flush()
  }

  /** Also waits for rows that others have begun to write. */
  flush(): Promise<void> {
    const rows = this.#rows
    this.#rows = []
    this.#written = this.#written.then(() => this.#write(rows))
    return this.#written
  }

  async #write(rows: Row[]): Promise<void> {
    while (rows.length > 0) {
      const calls = Array.from({ length: CALLS_AT_ONCE }, () => rows.splice(0, ROWS_A_CALL))
      await Promise.all(calls.map((some) => this.#table.put(some)))
    }
  }
}
